"""The page in a real browser: `make test-browser`. It needs Debian's
`chromium` and `chromium-driver`, and `selenium` beside the page's Gradio.
"""

import contextlib
import functools
import importlib.util
import io
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest
from PIL import Image
from skimage import data

ROOT = pathlib.Path(__file__).resolve().parent.parent
LACKS = [f'{name} ({mend})' for name, there, mend in (
    ('chromium', shutil.which('chromium'), 'apt install chromium'),
    ('chromedriver', shutil.which('chromedriver'),
     'apt install chromium-driver'),
    ('selenium', importlib.util.find_spec('selenium'),
     '.venv/bin/pip install selenium'),
    ('gradio', importlib.util.find_spec('gradio'), 'make app')) if not there]
if LACKS:
    pytest.exit(f'the page can\'t be tried without {", ".join(LACKS)}', 1)

from selenium import webdriver                              # noqa: E402
from selenium.common.exceptions import WebDriverException   # noqa: E402
from selenium.webdriver.common.action_chains import (       # noqa: E402
    ActionChains)
from selenium.webdriver.common.by import By                 # noqa: E402
from selenium.webdriver.chrome.service import Service       # noqa: E402

LONG = 240    # seconds that anything may take
DESKTOP, TELEPHONE = (1280, 1000), (390, 844)


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """The pictures that are dropped, and a folder for downloads."""
    folder = tmp_path_factory.mktemp('page')
    Image.fromarray(data.coffee()).resize((300, 200)).save(
        folder / 'cup.png')
    whole = (folder / 'cup.png').read_bytes()
    (folder / 'broken.png').write_bytes(whole[:len(whole) // 2])
    return folder


@contextlib.contextmanager
def serve(tmp, end):
    """Serve the page as the command does, until the signal `end`. `tmp`: for
    what it is given, which it removes."""
    environ = dict(os.environ, TMPDIR=str(tmp))
    os.mkdir(tmp)
    server = subprocess.Popen(
        [sys.executable, '-W', 'ignore', '-m', 'd2l_nst', 'app', '--port',
         '0', '--no-browser'], cwd=ROOT, env=environ,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    yield re.search(r'http://127\.0\.0\.1:\d+', server.stdout.readline())[0]
    assert list(tmp.glob('d2l-nst*'))
    server.send_signal(end)
    assert server.communicate(timeout=60) == ('', '')
    assert server.returncode == 0
    assert not os.listdir(tmp)


@pytest.fixture(scope='module')
def address(folder):
    with serve(folder / 'tmp', signal.SIGINT) as address:
        yield address
        assert list((folder / 'tmp').glob('d2l-nst*/uploads/*'))


@pytest.fixture(scope='module')
def browser(folder):
    options = webdriver.ChromeOptions()
    for option in ('headless=new', 'no-sandbox', 'disable-dev-shm-usage',
                   'hide-scrollbars'):
        options.add_argument(f'--{option}')
    options.add_experimental_option('prefs', {
        'download.default_directory': str(folder)})
    options.set_capability('goog:loggingPrefs', {'performance': 'ALL'})
    browser = webdriver.Chrome(options, Service(shutil.which('chromedriver')))
    yield browser
    browser.quit()


@pytest.fixture
def page(browser, address):
    resize(browser, DESKTOP)
    browser.get(address)
    return Page(browser)


def resize(browser, size):
    browser.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', dict(
        zip(('width', 'height'), size), deviceScaleFactor=1,
        mobile=size[0] < 600))


class Page:
    def __init__(self, browser):
        self.browser = browser
        self.wait(lambda: self('#nst-paint').is_displayed())

    def __call__(self, css):
        return self.browser.find_element(By.CSS_SELECTOR, css)

    def wait(self, condition):
        """What the condition becomes, once that is true."""
        end = time.monotonic() + LONG
        while time.monotonic() < end:
            try:
                value = condition()
            except WebDriverException:    # not there yet, or there anew
                value = None
            if value:
                return value
            time.sleep(0.2)
        raise AssertionError(f'not within {LONG} s; the page says: '
                             f'{self("body").text}')

    def text(self, css):
        return self.wait(lambda: self(css).text)

    def click(self, css):
        self.browser.execute_script(
            'arguments[0].scrollIntoView({block: "center"})', self(css))
        self.wait(lambda: self(css).is_enabled())
        self(css).click()

    def choose(self, name, kind='content'):
        css = f'#nst-gallery-{kind} button[data-key={name}]'
        self.click(css)
        self.wait(lambda: self(css).get_attribute('aria-pressed') == 'true')

    def set_size(self, size):
        box = self('#nst-size input[type=number]')
        box.clear()
        box.send_keys(f'{size}\n')

    def picture(self):
        return self.wait(lambda: self(
            '#nst-view figure img').get_attribute('src'))


def said_by_the_command(file, folder):
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', '-m', 'd2l_nst', 'transfer', file,
         str(ROOT / 'img' / 'night-harbour.jpg'), '-o', 'out.png'], cwd=folder,
        env=dict(os.environ, PYTHONPATH=str(ROOT)), stderr=subprocess.PIPE,
        text=True)
    return done.stderr.strip().partition('d2l-nst: ')[2]


def test_a_broken_file_has_the_sentence_of_the_command(page, folder):
    page('#nst-content input[type=file]').send_keys(
        str(folder / 'broken.png'))
    said = page.text('.nst-error')
    assert said == said_by_the_command('broken.png', folder)
    page.click('#nst-paint')
    page.wait(lambda: 'no photograph' in page('#nst-result').text)
    page.choose('mountain')
    page.wait(lambda: not page.browser.find_elements(
        By.CSS_SELECTOR, '.nst-error'))


def test_upload_paint_watch_stop_go_on_save(page, folder):
    def shown():
        return page('#nst-content img').get_attribute('src')

    mountain = page.wait(shown)
    page('#nst-content input[type=file]').send_keys(str(folder / 'cup.png'))
    page.wait(lambda: shown() != mountain)
    page.wait(lambda: not page.browser.find_elements(
        By.CSS_SELECTOR, '#nst-gallery-content [aria-pressed=true]'))
    page.set_size(160)
    page.click('#nst-paint')
    first = page.picture()
    page.wait(lambda: page('#nst-curves polyline'))
    page.wait(lambda: 'left' in page('.nst-status').text)
    page.wait(lambda: page.picture() != first)
    page.click('#nst-stop')
    page.wait(lambda: page('[data-state=stopped]'))
    before = page.picture()
    page.click('#nst-on')
    page.wait(lambda: page.picture() != before)
    page.click('#nst-stop')
    page.wait(lambda: page('[data-state=stopped]'))
    page.click('#nst-save')
    page.click('#nst-card')
    saved = [folder / f'cup-night-harbour.{end}' for end in ('png', 'json')]
    page.wait(lambda: all(map(os.path.exists, saved)))
    assert 60 < max(Image.open(saved[0]).size) <= 160
    assert '"continued": 1' in saved[1].read_text()
    assert page('#nst-before img').is_displayed()


def test_a_drawn_mask_is_the_part_that_is_painted(page):
    page.choose('mountain')
    page.click('#nst-part button')
    canvas = page.wait(lambda: page('.nst-mask canvas'))
    page.wait(lambda: canvas.get_property('width') > 300)
    page.browser.execute_script(
        'arguments[0].scrollIntoView({block: "center"})', canvas)

    def draw():
        ActionChains(page.browser).move_to_element(
            canvas).click_and_hold().move_by_offset(60, 20).move_by_offset(
                40, -60).release().perform()

    draw()
    page.wait(lambda: page('.nst-clear').is_enabled())
    page('.nst-rubber').click()
    draw()
    page.wait(lambda: not page('.nst-clear').is_enabled())
    page('.nst-rubber').click()
    draw()
    page.wait(lambda: page('.nst-clear').is_enabled())
    page.set_size(160)
    page.click('#nst-paint')
    page.wait(lambda: page('[data-state=painting]'))
    page.picture()
    page.click('#nst-stop')
    page.wait(lambda: page('[data-state=stopped]'))
    page.click('.nst-clear')
    page.wait(lambda: not page('.nst-clear').is_enabled())


@pytest.mark.parametrize('size', [DESKTOP, TELEPHONE])
def test_it_fits_its_screen(page, size):
    resize(page.browser, size)
    time.sleep(1)
    assert page.browser.execute_script(
        'return document.documentElement.scrollWidth') <= size[0]
    picture = Image.open(io.BytesIO(page.browser.get_screenshot_as_png()))
    assert picture.size == size


@pytest.mark.parametrize('end', [signal.SIGTERM, signal.SIGHUP],
                         ids=lambda end: end.name)
def test_whatever_ends_it_all_is_removed(folder, end):
    with serve(folder / end.name, end):
        pass


def test_nobody_else_is_asked_for_anything(page, address):
    """Of all that the browser sent, all went to the page."""
    asked = functools.reduce(lambda known, entry: known | set(re.findall(
        r'"url":"(\w+://[^/"]+)', entry['message'])), page.browser.get_log(
            'performance'), set())
    assert {each for each in asked if not each.startswith(
        ('chrome', 'blob', 'data'))} == {address}
