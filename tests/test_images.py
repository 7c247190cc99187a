"""Picture files and arrays: each kind of file is made here, then read."""

import errno
import io
import os
import struct
import threading
import tracemalloc
import zlib

import numpy as onp
import pytest
from mxnet import np
from PIL import (Image, ImageCms, JpegImagePlugin, PngImagePlugin,
                 features)
from skimage import data

from d2l_nst import (ImageError, NSTError, NSTWarning, files, images, opening,
                     outputs, postprocess, preprocess, read_image, save_image)

# scikit-image's photographs: coffee by Rachel Michetti, chelsea (a cat) by
# Stefan van der Walt, both CC0; astronaut (Eileen Collins) by NASA, public
# domain
PHOTOGRAPHS = {'coffee': data.coffee, 'chelsea': data.chelsea,
               'astronaut': data.astronaut}
RANDOM = onp.random.RandomState(0)
NOISE = RANDOM.randint(0, 256, (20, 30, 3)).astype('uint8')
FORMATS = ('png', 'jpg', 'jpeg', 'webp', 'tif', 'tiff')


def close(img, expected, tolerance=1.5):
    """Whether two pictures of 0 ... 255 agree within some levels."""
    assert img.shape == onp.shape(expected)
    return abs(img.astype(float) - expected).max() <= tolerance


def smooth(height=40, width=64):
    """A picture that JPEG keeps: slow ramps, no symmetry."""
    y, x = onp.mgrid[:height, :width]
    return onp.stack([4 * x, 6 * y, 255 - 2 * x - 2 * y],
                     axis=-1).clip(0, 255).astype('uint8')


# --------------------------------------------------------------- reading
@pytest.mark.parametrize('name', PHOTOGRAPHS)
def test_photographs_are_read_as_they_are(tmp_path, name):
    photograph = PHOTOGRAPHS[name]()
    Image.fromarray(photograph).save(tmp_path / 'photo.png')
    img = read_image(tmp_path / 'photo.png')
    assert img.dtype == 'uint8'
    onp.testing.assert_array_equal(img, photograph)
    assert images.read_alpha(tmp_path / 'photo.png') is None


@pytest.mark.parametrize('name', ['a.jpg', 'a.png', 'a.webp', 'a.tif',
                                  'a.bmp', 'a.gif', 'a.ppm'])
def test_formats_are_read(tmp_path, name):
    Image.fromarray(smooth()).save(tmp_path / name)
    tolerance = {'a.gif': 60, 'a.jpg': 15, 'a.webp': 15}.get(name, 0)
    assert close(read_image(tmp_path / name), smooth(), tolerance)


def test_a_file_may_have_any_extension(tmp_path):
    Image.fromarray(NOISE).save(tmp_path / 'photo', 'PNG')
    onp.testing.assert_array_equal(read_image(str(tmp_path / 'photo')),
                                   NOISE)


# Upright picture -> pixels as a camera held that way stores them
CAMERA = {1: lambda a: a, 2: onp.fliplr, 3: lambda a: onp.rot90(a, 2),
          4: onp.flipud, 5: lambda a: a.swapaxes(0, 1), 6: onp.rot90,
          7: lambda a: onp.rot90(a.swapaxes(0, 1), 2),
          8: lambda a: onp.rot90(a, -1)}


@pytest.mark.parametrize('extension', ['jpg', 'png', 'tif'])
@pytest.mark.parametrize('orientation', CAMERA)
def test_the_picture_is_turned_upright(tmp_path, orientation, extension):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f'photo.{extension}'
    stored = onp.ascontiguousarray(CAMERA[orientation](smooth()))
    Image.fromarray(stored).save(path, exif=exif, quality=95)
    assert close(read_image(path), smooth(), 8)


def test_the_alpha_is_turned_too(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = Image.fromarray(onp.rot90(smooth()).copy())
    alpha = onp.arange(40 * 64, dtype='uint8').reshape(40, 64)
    picture.putalpha(Image.fromarray(onp.rot90(alpha).copy()))
    picture.save(tmp_path / 'a.png', exif=exif)
    onp.testing.assert_array_equal(images.read_alpha(tmp_path / 'a.png'),
                                   alpha)


def test_broken_exif_does_not_matter(tmp_path):
    Image.fromarray(smooth()).save(tmp_path / 'a.jpg',
                                   exif=b'Exif\0\0nonsense')
    assert close(read_image(tmp_path / 'a.jpg'), smooth(), 15)


# ---------------------------------------------------------- transparency
def half_transparent(mode):
    """Left half transparent over a hidden red (or grey), right opaque."""
    img = onp.zeros((8, 10, 3), 'uint8') + onp.array([200, 0, 0], 'uint8')
    img[:, 5:] = 0, 80, 0
    picture = Image.fromarray(img)
    alpha = onp.zeros((8, 10), 'uint8')
    alpha[:, 5:] = 255
    if mode in ('RGBA', 'LA'):
        picture = picture.convert(mode[:-1])
        picture.putalpha(Image.fromarray(alpha))
        return picture, {}
    if mode == 'P':
        picture = picture.quantize(4)
        return picture, {'transparency': picture.getpixel((0, 0))}
    picture = picture.convert(mode)
    return picture, {'transparency': picture.getpixel((0, 0))}


@pytest.mark.parametrize('mode', ['RGBA', 'LA', 'P', 'RGB', 'L'])
def test_hidden_pixels_have_the_colours_of_visible_ones(tmp_path, mode):
    picture, options = half_transparent(mode)
    picture.save(tmp_path / 'a.png', **options)
    img = read_image(tmp_path / 'a.png')
    opaque = (0, 80, 0) if mode in ('RGBA', 'P', 'RGB') else (47,) * 3
    assert close(img, onp.broadcast_to(opaque, (8, 10, 3)))
    alpha = images.read_alpha(tmp_path / 'a.png')
    assert (alpha[:, :5] == 0).all() and (alpha[:, 5:] == 255).all()


def test_what_is_hidden_mirrors_what_is_seen(tmp_path):
    """Three columns beside ten hidden ones: their mirror image, and then
    the nearest."""
    seen = smooth(20, 3)
    img = onp.concatenate([seen, NOISE[:, :10]], 1)
    alpha = onp.zeros((20, 13), 'uint8')
    alpha[:, :3] = 255
    Image.fromarray(onp.dstack([img, alpha])).save(tmp_path / 'a.png')
    read = read_image(tmp_path / 'a.png')
    onp.testing.assert_array_equal(read[:, :3], seen)
    onp.testing.assert_array_equal(read[:, 3:5], seen[:, 1::-1])
    assert (read[:, 5:] == seen[:, 2:]).all()


def test_half_transparent_pixels_keep_their_colour(tmp_path):
    picture = Image.new('RGBA', (4, 4), (100, 0, 200, 51))  # a fifth
    picture.save(tmp_path / 'a.png')
    assert (read_image(tmp_path / 'a.png') == (100, 0, 200)).all()


def test_where_all_is_hidden_all_is_white(tmp_path):
    Image.new('RGBA', (4, 4), (100, 0, 200, 0)).save(tmp_path / 'a.png')
    assert (read_image(tmp_path / 'a.png') == 255).all()


def test_an_opaque_alpha_is_none(tmp_path):
    Image.fromarray(NOISE).convert('RGBA').save(tmp_path / 'a.png')
    assert images.read_alpha(tmp_path / 'a.png') is None
    onp.testing.assert_array_equal(read_image(tmp_path / 'a.png'), NOISE)


# ---------------------------------------------------------- deep colours
def grey(values):
    return onp.repeat(onp.asarray(values, float)[..., None], 3, 2)


@pytest.mark.parametrize('extension', ['png', 'tif'])
def test_16_bit_grey_is_scaled(tmp_path, extension):
    values = onp.linspace(0, 65535, 600).reshape(20, 30).astype('uint16')
    path = tmp_path / f'a.{extension}'
    Image.fromarray(values).save(path)
    assert close(read_image(path), grey(values / 257), 0.51)


def test_16_bit_colour_is_scaled(tmp_path):
    values = RANDOM.randint(0, 65536, (5, 7, 3)).astype('>u2')
    write_png(tmp_path / 'a.png', 7, 5, values.reshape(5, -1), depth=16)
    assert close(read_image(tmp_path / 'a.png'), values / 257, 1)


def test_32_bit_grey_is_scaled(tmp_path):
    values = onp.linspace(0, 65535, 600).reshape(20, 30).astype('int32')
    Image.fromarray(values).save(tmp_path / 'a.tif')
    assert close(read_image(tmp_path / 'a.tif'), grey(values / 257), 0.51)


@pytest.mark.parametrize('extension', ['gif', 'png', 'webp', 'tif'])
def test_of_an_animation_the_first_is_taken_and_told(tmp_path, extension):
    frames = [Image.new('RGB', (20, 20), colour)
              for colour in ('red', 'blue', 'lime')]
    path = tmp_path / f'a.{extension}'
    frames[0].save(path, save_all=True, append_images=frames[1:])
    with pytest.warns(NSTWarning, match='a.* has 3 frames.* first'):
        img = read_image(path)
    assert close(img, onp.broadcast_to((255, 0, 0), img.shape), 12)


def test_a_phones_photograph_has_no_frames(tmp_path, recwarn):
    photo = Image.fromarray(NOISE)
    photo.save(tmp_path / 'a.jpg', 'MPO', save_all=True,
               append_images=[photo])
    assert read_image(tmp_path / 'a.jpg').shape == NOISE.shape
    assert not [w for w in recwarn if issubclass(w.category, NSTWarning)]


def test_floats_of_one_unknown_or_rounded_pixel(tmp_path):
    """They are no black picture."""
    values = onp.linspace(0, 1, 64, dtype='float32').reshape(8, 8)
    for odd in (onp.nan, onp.inf, 1.02):
        values[3, 3] = odd
        Image.fromarray(values).save(tmp_path / 'a.tif')
        read = read_image(tmp_path / 'a.tif')
        expected = onp.nan_to_num(values, nan=0, posinf=1).clip(0, 1) * 255
        assert close(read, grey(expected), 0.51)


@pytest.mark.parametrize('order', ['<', '>'])
@pytest.mark.parametrize('kind', ['f2', 'f4', 'f8', 'u4'])
def test_a_tiff_of_float_colours(tmp_path, order, kind):
    """Its kind is told, not that it is no TIFF."""
    import tifffile
    values = RANDOM.uniform(0, 1, (8, 9, 3)).astype(order + kind)
    tifffile.imwrite(tmp_path / 'a.tif', values, byteorder=order,
                     photometric='rgb')
    with pytest.raises(ImageError, match='colours of floating point.*16'):
        read_image(tmp_path / 'a.tif')


@pytest.mark.parametrize('extension', FORMATS)
def test_the_same_picture_is_the_same_file(tmp_path, extension, monkeypatch):
    for i, day in enumerate((0, 10 ** 6)):
        monkeypatch.setattr(outputs.ImageCms, 'createProfile', later(day))
        save_image(NOISE, tmp_path / f'{i}.{extension}')
    one, other = ((tmp_path / f'{i}.{extension}').read_bytes()
                  for i in (0, 1))
    assert one == other


def later(seconds, create=ImageCms.createProfile):
    """`createProfile` on another day: its date is in bytes 24 to 35."""
    def profile(space):
        raw = bytearray(ImageCms.ImageCmsProfile(create(space)).tobytes())
        raw[24:36] = struct.pack('>6H', 2001 + seconds % 7, 2, 3, 4, 5, 6)
        return io.BytesIO(raw)
    return profile


@pytest.mark.parametrize('white', [1, 255])
def test_float_grey_is_scaled(tmp_path, white):
    values = onp.linspace(0, white, 600, dtype='f').reshape(20, 30)
    Image.fromarray(values).save(tmp_path / 'a.tif')
    expected = grey(values / white * 255)
    assert close(read_image(tmp_path / 'a.tif'), expected, 0.51)


@pytest.mark.parametrize('mode', ['1', 'L', 'LA', 'P', 'CMYK'])
def test_other_modes_become_rgb(tmp_path, mode):
    picture = Image.fromarray(smooth()).convert(mode)
    picture.save(tmp_path / 'a.tif')
    expected = onp.asarray(picture.convert('RGB'))
    assert close(read_image(tmp_path / 'a.tif'), expected, 3)


# ---------------------------------------------------------- damaged files
def write_png(path, width, height, rows=(), depth=8):
    """A PNG file by hand: RGB, rows of bytes in network order."""
    def chunk(kind, body):
        crc = struct.pack('>I', zlib.crc32(kind + body))
        return struct.pack('>I', len(body)) + kind + body + crc

    header = struct.pack('>IIBBBBB', width, height, depth, 2, 0, 0, 0)
    pixels = zlib.compress(b''.join(b'\0' + row.tobytes() for row in rows))
    path.write_bytes(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', header)
                     + chunk(b'IDAT', pixels) + chunk(b'IEND', b''))


@pytest.mark.parametrize('extension', ['jpg', 'png', 'webp', 'gif', 'tif'])
def test_a_truncated_file_is_refused(tmp_path, extension):
    path = tmp_path / f'photo.{extension}'
    Image.fromarray(data.chelsea()).save(path)
    read_image(path)
    path.write_bytes(path.read_bytes()[:path.stat().st_size // 2])
    with pytest.raises(ImageError, match='photo.*(damaged|no picture)'):
        read_image(path)


# 100 million pixels are twice below the limit at which Pillow itself raises
@pytest.mark.parametrize('side', [10000, 20000])
def test_a_decompression_bomb_is_refused(tmp_path, side):
    write_png(tmp_path / 'bomb.png', side, side)
    with pytest.raises(ImageError, match='bomb.png.*89 million pixels'):
        read_image(tmp_path / 'bomb.png')


def test_a_picture_near_the_limit_is_no_bomb(tmp_path, monkeypatch):
    Image.fromarray(NOISE).save(tmp_path / 'a.png')
    monkeypatch.setattr(Image, 'MAX_IMAGE_PIXELS', NOISE[..., 0].size)
    read_image(tmp_path / 'a.png')
    monkeypatch.setattr(Image, 'MAX_IMAGE_PIXELS', NOISE[..., 0].size - 1)
    with pytest.raises(ImageError, match='million pixels'):
        read_image(tmp_path / 'a.png')


@pytest.mark.parametrize('content, words', [
    (None, 'there is no such file'), ('folder', 'is a folder'),
    (b'', 'no picture'), (b'a shopping list\n' * 99, 'no picture'),
    (b'%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n', 'no picture')])
def test_what_is_no_picture_is_refused(tmp_path, content, words):
    path = tmp_path / 'photo.jpg'
    if content == 'folder':
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    with pytest.raises(ImageError, match=f'photo.jpg.*{words}'):
        read_image(path)


@pytest.mark.skipif(os.geteuid() == 0, reason='root may read everything')
def test_an_unreadable_file_is_refused(tmp_path):
    Image.fromarray(NOISE).save(tmp_path / 'a.png')
    (tmp_path / 'a.png').chmod(0)
    with pytest.raises(ImageError, match='permissions'):
        read_image(tmp_path / 'a.png')


def test_a_name_that_is_none_is_refused():
    with pytest.raises(ImageError, match="can't be read: .*name too long"):
        read_image('x' * 300 + '.png')
    with pytest.raises(ImageError, match="can't be written: .*too long"):
        outputs.check_output('x' * 300 + '.png')


@pytest.mark.skipif(os.geteuid() == 0, reason='root may search everywhere')
def test_a_folder_that_cannot_be_searched(tmp_path):
    (tmp_path / 'locked').mkdir()
    Image.fromarray(NOISE).save(tmp_path / 'locked' / 'a.png')
    (tmp_path / 'locked').chmod(0)
    try:
        with pytest.raises(ImageError, match='permissions'):
            read_image(tmp_path / 'locked' / 'a.png')
        with pytest.raises(ImageError, match='Permission'):
            outputs.check_output(tmp_path / 'locked' / 'b.png')
    finally:
        (tmp_path / 'locked').chmod(0o700)


def through_pipe(folder, data):
    """A pipe that gives these bytes once."""
    path = folder / 'pipe'
    os.mkfifo(path)
    threading.Thread(target=path.write_bytes, args=[data]).start()
    return path


def test_a_pipe_is_read_once(tmp_path):
    picture = Image.fromarray(NOISE)
    alpha = Image.new('L', picture.size, 9)
    picture.putalpha(alpha)
    file = io.BytesIO()
    picture.save(file, 'PNG')
    img, read = images.read_with_alpha(through_pipe(tmp_path,
                                                    file.getvalue()))
    onp.testing.assert_array_equal(img, NOISE)
    assert (read == 9).all()


def test_large_texts_are_no_damage(tmp_path, monkeypatch):
    """Of megabytes, some packed. Of more than there may be it is told."""
    texts, path = PngImagePlugin.PngInfo(), tmp_path / 'texts.png'
    texts.add_text('history', 'x' * 3_000_000, zip=True)
    texts.add_text('comment', 'y' * 2_000_000)
    Image.fromarray(NOISE).save(path, pnginfo=texts)
    onp.testing.assert_array_equal(read_image(path), NOISE)
    monkeypatch.setattr(PngImagePlugin, 'MAX_TEXT_CHUNK', 1_000_000)
    with pytest.raises(ImageError, match='save it without'):
        read_image(path)


def test_a_pipe_that_brings_no_picture(tmp_path):
    with pytest.raises(ImageError, match='pipe is no picture'):
        read_image(through_pipe(tmp_path, b'a shopping list'))


@pytest.mark.skipif(not features.check('avif'), reason='no AVIF')
def test_avif_is_read(tmp_path):
    Image.fromarray(smooth()).save(tmp_path / 'a.avif', quality=95)
    assert close(read_image(tmp_path / 'a.avif'), smooth(), 12)
    assert '.avif' in opening.extensions()


@pytest.mark.skipif('HEIF' in opening.readable(), reason='HEIC is read')
def test_heic_names_what_reads_it(tmp_path):
    (tmp_path / 'a.jpg').write_bytes(b'\0\0\0\x18ftypheic' + bytes(99))
    with pytest.raises(ImageError, match='pip install pillow-heif, or save'):
        read_image(tmp_path / 'a.jpg')


@pytest.mark.skipif('HEIF' not in opening.readable(), reason='no HEIC')
def test_heic_is_read(tmp_path):
    Image.fromarray(smooth()).save(tmp_path / 'a.heic', quality=95)
    assert close(read_image(tmp_path / 'a.heic'), smooth(), 12)
    assert '.heic' in opening.extensions()


def test_what_is_said_of_a_damaged_picture_is_one_line(tmp_path, monkeypatch):
    """Though a plug-in, as that of HEIC, says more."""
    def fail(*args, **kwargs):
        raise ValueError('an extent\nlies outside\n')

    (tmp_path / 'a.png').write_bytes(b'\x89PNG')
    monkeypatch.setattr(opening.Image, 'open', fail)
    with pytest.raises(ImageError, match=r'\(an extent lies outside\): get'):
        read_image(tmp_path / 'a.png')


def test_a_huge_picture_is_resized_plane_by_plane():
    img = onp.broadcast_to(NOISE[:1, :1], (2000, 2000, 3))    # 12 MB
    tracemalloc.start()
    images.resize(img, (30, 20))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * 2000 * 2000


# -------------------------------------------------------- colour profiles
def srgb():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile('sRGB')).tobytes()


def swapped():
    """The profile of a device that shows red as blue, blue as red."""
    profile = srgb().replace(b'rXYZ', b'swap').replace(b'bXYZ', b'rXYZ')
    return profile.replace(b'swap', b'bXYZ')


def black_ink():
    """A CMYK profile by hand, of a press where only black ink shows: a
    table of two points an ink, of lightness 100 or 0 (ICC.1:2001-04)."""
    ramp = bytes(range(256))
    nodes = b''.join(bytes([0 if i & 1 else 255, 128, 128])
                     for i in range(16))  # black is the fastest index
    matrix = struct.pack('>9i', *(65536 * (i % 4 == 0) for i in range(9)))
    table = (b'mft1\0\0\0\0' + bytes([4, 3, 2, 0]) + matrix + 4 * ramp
             + nodes + 3 * ramp)
    start = 128 + 4 + 12
    head = struct.pack('>I4xI4s4s4s12x4s28x3i48x', start + len(table),
                       0x02100000, b'prtr', b'CMYK', b'Lab ', b'acsp',
                       63190, 65536, 54061)
    return head + struct.pack('>I4sII', 1, b'A2B0', start,
                              len(table)) + table


@pytest.mark.parametrize('mode', ['RGB', 'RGBA', 'P'])
def test_a_profile_is_converted(tmp_path, mode):
    picture = Image.fromarray(NOISE).convert(mode)
    picture.save(tmp_path / 'a.png', icc_profile=swapped())
    swapped_img = onp.asarray(picture.convert('RGB'))[..., ::-1]
    assert close(read_image(tmp_path / 'a.png'), swapped_img)


@pytest.mark.parametrize('mode', ['RGBA', 'P', 'RGB'])
def test_a_profile_and_transparency(tmp_path, mode):
    picture, options = half_transparent(mode)
    picture.save(tmp_path / 'a.png', icc_profile=swapped(), **options)
    img = read_image(tmp_path / 'a.png')
    assert close(img, onp.broadcast_to((0, 80, 0), (8, 10, 3)))
    picture = Image.new('RGBA', (4, 4), (250, 0, 0, 255))
    picture.putpixel((0, 0), (0, 0, 0, 0))
    picture.save(tmp_path / 'b.png', icc_profile=swapped())
    assert close(read_image(tmp_path / 'b.png')[1, 1], (0, 0, 250))
    assert images.read_alpha(tmp_path / 'b.png')[0, 0] == 0


def test_srgb_changes_nothing(tmp_path):
    Image.fromarray(NOISE).save(tmp_path / 'a.png', icc_profile=srgb())
    assert close(read_image(tmp_path / 'a.png'), NOISE, 1)


@pytest.mark.parametrize('profile', [b'nonsense', b'\0' * 200])
def test_a_broken_profile_is_passed_over(tmp_path, profile):
    Image.fromarray(NOISE).save(tmp_path / 'a.png', icc_profile=profile)
    onp.testing.assert_array_equal(read_image(tmp_path / 'a.png'), NOISE)


def test_cmyk_without_a_profile(tmp_path):
    colours = {(255, 0, 0, 0): (0, 255, 255), (0, 255, 0, 0): (255, 0, 255),
               (0, 0, 255, 0): (255, 255, 0), (0, 0, 0, 255): (0, 0, 0),
               (0, 0, 0, 0): (255, 255, 255)}
    for cmyk, rgb in colours.items():
        Image.new('CMYK', (16, 16), cmyk).save(tmp_path / 'a.jpg')
        assert close(read_image(tmp_path / 'a.jpg')[0, 0], rgb, 4)


def test_cmyk_with_a_profile(tmp_path):
    colours = {(255, 0, 0, 0): 255, (0, 255, 255, 0): 255,
               (0, 0, 0, 255): 0, (255, 255, 255, 255): 0}
    for cmyk, level in colours.items():
        Image.new('CMYK', (16, 16), cmyk).save(
            tmp_path / 'a.jpg', quality=95, icc_profile=black_ink())
        assert close(read_image(tmp_path / 'a.jpg')[0, 0], (level,) * 3, 4)


# ------------------------------------------------- pictures <-> networks
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def standardised(img):
    """Independent of the package: pixel by pixel, in float64."""
    X = onp.empty((1, 3) + img.shape[:2])
    for c in range(3):
        X[0, c] = (img[:, :, c].astype('float64') / 255 - MEAN[c]) / STD[c]
    return X


@pytest.mark.parametrize('name', PHOTOGRAPHS)
def test_preprocess_is_the_formula(name):
    photograph = PHOTOGRAPHS[name]()
    height, width = photograph.shape[:2]
    X = preprocess(photograph, (width, height))
    assert X.shape == (1, 3, height, width) and X.dtype == 'float32'
    onp.testing.assert_allclose(X.asnumpy(), standardised(photograph),
                                atol=1e-5)


@pytest.mark.parametrize('img', [
    NOISE, NOISE.astype('float32'), NOISE.astype('int64'),
    RANDOM.uniform(0, 255, (20, 30, 3))])
def test_postprocess_inverts_preprocess(img):
    back = postprocess(preprocess(img, (30, 20)))
    assert back.shape == (20, 30, 3) and back.dtype == 'float32'
    onp.testing.assert_allclose(back.asnumpy() * 255, img, atol=1e-3)


def test_preprocess_inverts_postprocess():
    X = preprocess(NOISE, (30, 20))
    again = preprocess(postprocess(X) * 255, (30, 20))
    onp.testing.assert_allclose(again.asnumpy(), X.asnumpy(), atol=1e-5)


def test_nothing_is_rounded_to_8_bits():
    img = onp.full((8, 8, 3), 100.3, 'float32')
    for shape in ((8, 8), (32, 24), (5, 3)):
        back = postprocess(preprocess(img, shape)).asnumpy() * 255
        onp.testing.assert_allclose(back, 100.3, atol=1e-3)


def test_values_between_the_integers_survive_the_stages():
    img = RANDOM.uniform(0, 255, (20, 30, 3)).astype('float32')
    X = preprocess(postprocess(preprocess(img, (30, 20))) * 255, (30, 20))
    onp.testing.assert_allclose(X.asnumpy(), standardised(img), atol=1e-5)
    large = postprocess(preprocess(img, (120, 80))).asnumpy() * 255
    assert abs(large - large.round()).mean() > 0.2


def test_postprocess_clips():
    X = np.array([-9, 0, 9]).reshape(1, 1, 1, 3) * np.ones((1, 3, 2, 3))
    img = postprocess(X).asnumpy()
    assert (img[:, 0] == 0).all() and (img[:, 2] == 1).all()
    onp.testing.assert_allclose(img[0, 1], MEAN, atol=1e-6)


@pytest.mark.parametrize('convert', [
    lambda a: np.array(a), lambda a: np.array(a, dtype='float32'),
    Image.fromarray, lambda a: a.tolist()])
def test_preprocess_takes_any_kind_of_array(convert):
    X = preprocess(convert(NOISE), (30, 20))
    onp.testing.assert_allclose(X.asnumpy(), standardised(NOISE), atol=1e-5)
    assert preprocess(convert(NOISE), (16, 16)).shape == (1, 3, 16, 16)


def test_preprocess_leaves_its_picture_alone():
    img = NOISE.astype('float32')
    preprocess(img, (30, 20))
    onp.testing.assert_array_equal(img, NOISE)


def test_a_fine_checkerboard_becomes_grey():
    board = onp.indices((320, 320)).sum(axis=0) % 2 * 255
    img = postprocess(preprocess(grey(board), (64, 64))).asnumpy()
    assert abs(img[2:-2, 2:-2] - 0.5).max() < 0.02


@pytest.mark.parametrize('name', PHOTOGRAPHS)
@pytest.mark.parametrize('shape', [(150, 100), (64, 90), (701, 402)])
def test_resizing_is_that_of_pillow_without_its_rounding(name, shape):
    photograph = PHOTOGRAPHS[name]() // 2 + 64  # where nothing is clipped
    img = images.resize(photograph, shape)
    assert img.shape == shape[::-1] + (3,) and img.dtype == 'float32'
    pillow = Image.fromarray(photograph).resize(shape, Image.BICUBIC)
    assert close(img, onp.asarray(pillow), 1.1)


def test_resizing_stays_within_the_range():
    img = images.resize(onp.kron(NOISE > 127, onp.ones((4, 4, 1))) * 255,
                        (200, 150))
    assert img.min() == 0 and img.max() == 255


@pytest.mark.parametrize('img', [
    NOISE[..., 0], NOISE[..., :2], NOISE[None], NOISE[:0], onp.zeros(3),
    onp.full((4, 4, 3), onp.nan), onp.full((4, 4, 3), onp.inf),
    onp.full((4, 4, 3), 'a'), onp.ones((4, 4, 3), bool),
    onp.ones((4, 4, 3), complex), onp.full((4, 4, 3), None)])
def test_bad_arrays_are_refused(tmp_path, img):
    with pytest.raises(ImageError, match='a picture must'):
        preprocess(img, (16, 16))
    with pytest.raises(ImageError, match='a picture must'):
        save_image(img, tmp_path / 'a.png')
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize('size', [0, -3, 1.5, 'big', (48, 0), (48,)])
def test_no_sizes(size):
    with pytest.raises(NSTError, match='choose'):
        images.shape_of((90, 60), size)


@pytest.mark.parametrize('shape', [(0, 10), (10, 0), (-3, 10)])
def test_an_empty_size_is_refused(shape):
    with pytest.raises(ImageError, match='empty'):
        preprocess(NOISE, shape)


# ----------------------------------------------------------------- sizes
def test_fit_shape_has_width_before_height():
    assert images.fit_shape(data.coffee(), 900 * 600) == (900, 600)
    assert images.fit_shape(onp.zeros((40, 20, 3)), 200) == (16, 32)


@pytest.mark.parametrize('width, height', [
    (16, 16), (600, 400), (400, 600), (1920, 1080), (30, 1000), (17, 4000)])
def test_fit_shape_keeps_proportions_and_area(width, height):
    shape = images.fit_shape(onp.empty((height, width, 3), 'bool'), 540000)
    assert shape[0] * shape[1] == pytest.approx(540000, rel=0.02)
    assert shape[0] / shape[1] == pytest.approx(width / height, rel=0.02)


@pytest.mark.parametrize('area', [1, 100, 256, 1000])
def test_fit_shape_keeps_to_the_smallest_side(area):
    for width, height in ((64, 48), (48, 64), (600, 400), (16, 90)):
        shape = images.fit_shape(onp.empty((height, width, 3)), area)
        assert min(shape) >= 16
        assert shape[0] / shape[1] == pytest.approx(width / height, rel=0.1)


@pytest.mark.parametrize('width, height', [(1, 1), (300, 1), (15, 300)])
def test_fit_shape_refuses_a_picture_without_content(width, height):
    with pytest.raises(ImageError, match=f'{width}x{height} is too small'):
        images.fit_shape(onp.empty((height, width, 3)), 540000)


# ---------------------------------------------------------------- saving
@pytest.mark.parametrize('extension', FORMATS)
def test_saved_pictures_are_read_again(tmp_path, extension):
    path = tmp_path / f'a.{extension}'
    save_image(smooth() / 255, path)
    lossless = extension in ('png', 'tif', 'tiff')
    assert close(read_image(path), smooth(), 0 if lossless else 8)
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize('extension', FORMATS + ('PNG', 'JPG'))
def test_srgb_is_embedded(tmp_path, extension):
    path = tmp_path / f'a.{extension}'
    save_image(NOISE, str(path))
    with Image.open(path) as picture:
        profile = picture.info['icc_profile']
        assert picture.size == (30, 20)
    name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(
        io.BytesIO(profile)))
    assert 'sRGB' in name


def test_jpeg_keeps_colours_and_quality(tmp_path):
    save_image(NOISE, tmp_path / 'a.jpg')
    Image.fromarray(NOISE).save(tmp_path / 'b.jpg', quality=95)
    with Image.open(tmp_path / 'a.jpg') as picture, \
            Image.open(tmp_path / 'b.jpg') as of_95:
        assert JpegImagePlugin.get_sampling(picture) == 0  # 4:4:4
        assert picture.quantization == of_95.quantization


@pytest.mark.parametrize('img, expected', [
    (onp.full((4, 4, 3), 0.999), 255), (onp.full((4, 4, 3), 0.5), 128),
    (onp.full((4, 4, 3), 1.5), 255), (onp.full((4, 4, 3), -2.0), 0),
    (onp.full((4, 4, 3), 77, 'uint8'), 77),
    (onp.full((4, 4, 3), 300, 'int32'), 255)])
def test_values_are_clamped_then_rounded(tmp_path, img, expected):
    save_image(img, tmp_path / 'a.png')
    assert (read_image(tmp_path / 'a.png') == expected).all()


def test_mxnet_arrays_are_saved(tmp_path):
    save_image(postprocess(preprocess(NOISE, (30, 20))), tmp_path / 'a.png')
    onp.testing.assert_array_equal(read_image(tmp_path / 'a.png'), NOISE)


@pytest.mark.parametrize('extension', FORMATS)
def test_the_alpha_is_put_back(tmp_path, extension):
    alpha = onp.zeros((10, 15), 'uint8')
    alpha[:, 8:] = 255
    path = tmp_path / f'a.{extension}'
    save_image(NOISE, path, alpha)
    back = images.read_alpha(path)
    if extension in ('jpg', 'jpeg'):
        assert back is None
    else:
        assert back.shape == (20, 30)
        assert (back[:, :12] < 9).all() and (back[:, -12:] > 246).all()


class Interrupted(BaseException):
    """Stands for Ctrl-C, which pytest itself would obey."""


@pytest.mark.parametrize('error, raised', [
    (OSError(errno.ENOSPC, 'No space left on device'), ImageError),
    (OSError('encoder error -2'), ImageError),
    (ValueError('too wide for this format'), ImageError),
    (Interrupted('Ctrl-C'), Interrupted)])
def test_a_failing_save_leaves_the_old_file(tmp_path, monkeypatch, error,
                                            raised):
    def save(self, file, *args, **kwargs):
        file.write(b'half a picture')
        raise error

    path = tmp_path / 'a.png'
    save_image(NOISE, path)
    monkeypatch.setattr(Image.Image, 'save', save)
    with pytest.raises(raised, match=error.args[-1]):
        save_image(255 - NOISE, path)
    monkeypatch.undo()
    assert os.listdir(tmp_path) == ['a.png']
    onp.testing.assert_array_equal(read_image(path), NOISE)


def test_nothing_is_seen_before_the_file_is_whole(tmp_path, monkeypatch):
    names, put = [], files.put

    def watch(part, path, *args):
        read_image(part)
        names.extend(os.listdir(tmp_path))
        put(part, path, *args)

    monkeypatch.setattr(files, 'put', watch)
    save_image(NOISE, tmp_path / 'a.png')
    assert len(names) == 1 and names != ['a.png']


def test_a_picture_too_wide_for_its_format(tmp_path):
    with pytest.raises(ImageError, match='a.webp can\'t be written: .'):
        save_image(onp.zeros((16, 16400, 3)), tmp_path / 'a.webp')
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize('mask, mode', [(0o022, 0o644), (0o077, 0o600)])
def test_saved_files_have_the_usual_permissions(tmp_path, mask, mode):
    before = os.umask(mask)
    try:
        save_image(NOISE, tmp_path / 'a.png')
        assert os.umask(mask) == mask
    finally:
        os.umask(before)
    assert (tmp_path / 'a.png').stat().st_mode & 0o777 == mode


@pytest.mark.parametrize('name, words', [
    ('a.txt', 'name a picture that ends in'), ('a', 'name a picture'),
    ('no/a.png', 'no folder'), ('folder.png', 'is a folder')])
def test_bad_outputs_are_refused(tmp_path, name, words):
    (tmp_path / 'folder.png').mkdir()
    with pytest.raises(ImageError, match=words):
        outputs.check_output(tmp_path / name)
    with pytest.raises(ImageError, match=words):
        save_image(NOISE, tmp_path / name)
    assert os.listdir(tmp_path) == ['folder.png']


def test_an_existing_output_needs_force(tmp_path):
    (tmp_path / 'a.png').write_text('kept')
    with pytest.raises(ImageError, match='exists.*--force'):
        outputs.check_output(tmp_path / 'a.png')
    outputs.check_output(tmp_path / 'a.png', force=True)


@pytest.mark.skipif(os.geteuid() == 0, reason='root may write everywhere')
def test_an_unwritable_folder_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(ImageError, match='Permission'):
        save_image(NOISE, tmp_path / 'a.png')


@pytest.mark.parametrize('check, path', [
    (outputs.check_folder, '/proc/nothing'),
    (outputs.check_writable, '/proc/a.csv'),
    (outputs.check_output, '/proc/a.png')])
def test_where_nothing_can_be_made_is_refused(monkeypatch, check, path):
    """Though its permissions would allow it, as they do for root."""
    monkeypatch.setattr(os, 'access', lambda *args: True)
    with pytest.raises(ImageError, match='can\'t be written in /proc .*: '
                       'name another one'):
        check(path)


def test_what_can_be_written_is_tried_without_a_trace(tmp_path, monkeypatch):
    made, real = [], outputs.tempfile.TemporaryDirectory
    monkeypatch.setattr(outputs.tempfile, 'TemporaryDirectory',
                        lambda dir: made.append(dir) or real(dir=dir))
    outputs.check_output(tmp_path / 'a.png')
    outputs.check_folder(tmp_path / 'new')
    assert made == [str(tmp_path)] * 2 and not os.listdir(tmp_path)


def test_what_is_there_meanwhile_is_not_replaced(tmp_path):
    for name in ('a.png', 'a-2.png'):
        (tmp_path / name).write_text('kept')
    with pytest.warns(NSTWarning, match='meanwhile: saved as .*a-3.png'):
        path = outputs.save_unless_there(NOISE, tmp_path / 'a.png')
    assert path == str(tmp_path / 'a-3.png')
    onp.testing.assert_array_equal(read_image(path), NOISE)
    assert (tmp_path / 'a.png').read_text() == 'kept'
    outputs.save_unless_there(NOISE, tmp_path / 'a.png', force=True)
    onp.testing.assert_array_equal(read_image(tmp_path / 'a.png'), NOISE)


def test_lost_transparency_is_white(tmp_path):
    alpha = onp.zeros(NOISE.shape[:2], 'uint8')
    save_image(NOISE, tmp_path / 'a.jpg', alpha)
    assert (read_image(tmp_path / 'a.jpg') == 255).all()
