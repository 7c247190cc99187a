"""Files are whole or not there, and nothing else is left beside them."""

import hashlib
import os
import pathlib
import signal
import subprocess
import sys

import pytest

from d2l_nst import NSTError, files, locks

ROOT = pathlib.Path(__file__).parents[1]


class Interrupted(BaseException):
    """Stands for Ctrl-C, which pytest itself would obey."""


def write(path, content, error=None, **how):
    with files.atomic(path, **how) as file:
        file.write(content)
        if error:
            raise error


def write_by_path(path, content, error=None, **how):
    with files.atomic_path(path, **how) as part:
        with open(part, 'wb') as file:
            file.write(content)
        if error:
            raise error


WAYS = pytest.mark.parametrize('write', [write, write_by_path])


@WAYS
def test_a_file_takes_the_place_of_another(tmp_path, write):
    for content in (b'old', b'new'):
        write(tmp_path / 'a.txt', content)
        assert (tmp_path / 'a.txt').read_bytes() == content
    assert os.listdir(tmp_path) == ['a.txt']


@WAYS
def test_a_relative_path_is_of_the_folder_at_the_start(tmp_path, monkeypatch,
                                                       write):
    monkeypatch.chdir(tmp_path)
    write('a.txt', b'new')
    assert os.listdir(tmp_path) == ['a.txt']


@WAYS
@pytest.mark.parametrize('error', [OSError(28, 'No space left on device'),
                                   Interrupted('Ctrl-C')])
def test_a_failure_leaves_what_was_there(tmp_path, write, error):
    (tmp_path / 'a.txt').write_text('old')
    for name in ('a.txt', 'b.txt'):
        with pytest.raises(type(error)):
            write(tmp_path / name, b'half', error)
    assert os.listdir(tmp_path) == ['a.txt']
    assert (tmp_path / 'a.txt').read_text() == 'old'


@WAYS
@pytest.mark.parametrize('links', [True, False])
def test_what_came_meanwhile_is_kept(tmp_path, write, links, monkeypatch):
    """On a disk that knows no links too."""
    def no_links(*args):
        raise PermissionError(1, 'Operation not permitted')

    if not links:
        monkeypatch.setattr(os, 'link', no_links)
    write(tmp_path / 'a.txt', b'old', replace=False)
    with pytest.raises(FileExistsError):
        write(tmp_path / 'a.txt', b'new', replace=False)
    assert os.listdir(tmp_path) == ['a.txt']
    assert (tmp_path / 'a.txt').read_text() == 'old'


@WAYS
def test_a_folder_that_is_not_there_is_not_made(tmp_path, write):
    with pytest.raises(FileNotFoundError):
        write(tmp_path / 'no' / 'a.txt', b'new')
    assert not os.listdir(tmp_path)


@WAYS
@pytest.mark.parametrize('mask, mode', [(0o022, 0o644), (0o077, 0o600)])
def test_the_permissions_are_the_usual_ones(tmp_path, write, mask, mode):
    before = os.umask(mask)
    try:
        write(tmp_path / 'a.txt', b'new')
    finally:
        os.umask(before)
    assert (tmp_path / 'a.txt').stat().st_mode & 0o777 == mode


def test_a_workplace_goes_away(tmp_path):
    with files.workplace(tmp_path / 'new') as place:
        assert os.path.dirname(place) == str(tmp_path / 'new')
    assert not os.listdir(tmp_path)
    with files.workplace(tmp_path / 'new'):
        (tmp_path / 'new' / 'kept').touch()
    assert os.listdir(tmp_path / 'new') == ['kept']


def test_a_workplace_that_cannot_be(tmp_path):
    """As where HOME leads nowhere."""
    (tmp_path / 'file').touch()
    with pytest.raises(NSTError, match="file/x can't be written .*HOME"):
        with files.workplace(tmp_path / 'file' / 'x'):
            pass


def test_what_a_file_is_by_its_first_bytes(tmp_path):
    for start, what in ((b'\x89PNG\r\n\x1a\n', 'a PNG picture'),
                        (b'PK\3\4', 'a ZIP archive'), (b'a shop', ''),
                        (b'\x12\1\0\0\0\0\0\0', 'a .params file'), (b'', '')):
        (tmp_path / 'a').write_bytes(start + bytes(9 * bool(start)))
        assert files.known_as(tmp_path / 'a') == what
    assert files.known_as(tmp_path) == ''


def test_the_hash(tmp_path):
    (tmp_path / 'a').write_bytes(b'abc' * 99999)
    assert files.sha256(tmp_path / 'a') == hashlib.sha256(
        b'abc' * 99999).hexdigest()


# --------------------------------------------------- one job at a time
def test_alone(tmp_path):
    """The second is refused, whatever it calls the file; then it is not."""
    path, link = tmp_path / 'net.params', tmp_path / 'link'
    link.symlink_to(tmp_path)
    with locks.alone(path):
        for name in (path, link / 'net.params'):
            with pytest.raises(NSTError, match='another name'):
                with locks.alone(name):
                    pass
        with locks.alone(tmp_path / 'other.params'):
            pass
    with locks.alone(path):
        pass
    assert os.listdir(tmp_path) == ['link']


def test_a_killed_job_keeps_nothing_from_others(tmp_path):
    path = tmp_path / 'net.params'
    job = subprocess.Popen(
        [sys.executable, '-c', 'import sys, time\n'
         'from d2l_nst.locks import alone\n'
         'with alone(sys.argv[1]):\n'
         '    print("held", flush=True)\n'
         '    time.sleep(60)\n', str(path)], cwd=ROOT,
        stdout=subprocess.PIPE, text=True)
    assert job.stdout.readline() == 'held\n'
    with pytest.raises(NSTError, match='another job'):
        with locks.alone(path):
            pass
    job.send_signal(signal.SIGKILL)
    job.communicate()
    with locks.alone(path):
        pass
    assert os.listdir(tmp_path) == []


def test_alone_in_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(NSTError, match='choose another folder'):
        with locks.alone(tmp_path / 'no' / 'net.params'):
            pass
