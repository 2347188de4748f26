"""The project's own adapters by name. Entry points are only there where it is installed."""

from adapters.alster import adapter as alster
from adapters.isar import adapter as isar
from adapters.spree import adapter as spree
from adapters.xauslaender import adapter as xauslaender
from hub.adapter import Adapter

EVERY: dict[str, Adapter] = {each.name: each for each in (alster, isar, spree, xauslaender)}
