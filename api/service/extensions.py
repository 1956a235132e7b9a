"""What `compiling` runs in a build's folder: extension modules of the files that are named, beside them."""

import sys

from mypyc.build import mypycify
from setuptools import setup

setup(
    name="kemi",
    packages=[],
    ext_modules=mypycify(sys.argv[1:], opt_level="3", group_name="kemi_request"),
    script_args=["--quiet", "build_ext", "--inplace"],
)
