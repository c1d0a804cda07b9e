"""Ways of writing, a module an app; a new module here is found by itself."""

import importlib
import pkgutil

from tests.project.ways.found import every_way
from tests.project.ways.stage import SILENT, WRITES, Stage

for module in pkgutil.iter_modules(__path__, f"{__name__}."):
    importlib.import_module(module.name)

__all__ = ["SILENT", "WRITES", "Stage", "every_way"]
