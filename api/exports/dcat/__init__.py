"""The catalogue of the open data: DCAT-AP-DK 2.0, the Danish profile of what data portals harvest.

The profile is at https://digst.github.io/DCAT-AP-DK/releases/v.2.0/docs/, and rests on DCAT-AP 2 of the EU.
"""

from api.exports.dcat.catalogue import FORMATS, respond

__all__ = ["FORMATS", "respond"]
