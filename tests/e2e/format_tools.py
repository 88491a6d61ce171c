"""The writer of repositories in tools/igudar_read_test.py, as a module: `made`; `made.READER` is tools/igudar-read."""

import importlib.machinery
import importlib.util
import pathlib


def load(path):
    loader = importlib.machinery.SourceFileLoader(path.stem, str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(path.stem, loader))
    loader.exec_module(module)
    return module


made = load(pathlib.Path(__file__).resolve().parents[2] / "tools" / "igudar_read_test.py")
