"""Code lists: every closed list and classification that the service publishes and checks codes against."""

from api.reference.catalogue import code_list, code_lists, item, knows
from api.reference.code_list import CodeList, Item, find
from api.reference.geography import Municipality, Region, municipality, population, region_codes_of

__all__ = [
    "CodeList",
    "Item",
    "Municipality",
    "Region",
    "code_list",
    "code_lists",
    "find",
    "item",
    "knows",
    "municipality",
    "population",
    "region_codes_of",
]
