"""tools/lines.py counts what is code, and nothing else."""

import subprocess
import sys
from pathlib import Path

TOOL = Path(__file__).resolve().parent.parent / 'tools' / 'lines.py'
SOURCE = '''\
"""A module
of two lines."""

# a comment
TEXT = """one

three"""  # lines


def add(a, b):
    """A docstring."""
    return (a
            + b)
'''
LONG = 'def count():\n' + '    print()\n' * 45 + '# more\n' * 155


def test_counts_of_a_small_package(tmp_path):
    (tmp_path / 'room').mkdir()
    (tmp_path / 'room' / 'first.py').write_text(SOURCE)
    (tmp_path / 'room' / 'second.py').write_text('')
    (tmp_path / 'root.py').write_text(LONG)
    printed = subprocess.run([sys.executable, str(TOOL), str(tmp_path)],
                             check=True, capture_output=True, text=True)
    rows = [line.split() for line in printed.stdout.splitlines()[1:]]
    assert rows == [['room', '2', '6', '0', '0'],
                    ['root.py', '1', '46', '1', '1'],
                    ['all', '3', '52', '1', '1']]


def test_a_folder_without_code_is_refused(tmp_path):
    done = subprocess.run([sys.executable, str(TOOL), str(tmp_path)],
                          capture_output=True, text=True)
    assert done.returncode == 2 and 'no file of Python code' in done.stderr
