"""A client of Kindred, a search engine for scientific papers that runs on your own machine.

from kindred_client import Kindred

kindred = Kindred("http://127.0.0.1:3000/")
for hit in kindred.search("how do people decide under risk", limit=5):
    print(hit.paper.title)
"""

from . import _generated
from ._client import AsyncKindred, Kindred
from ._errors import InvalidRequest, KeyNeeded, KindredError, NotFound, Unreachable
from ._generated import *
from ._results import Page, to_dataframe

__all__ = [
    "AsyncKindred",
    "InvalidRequest",
    "KeyNeeded",
    "Kindred",
    "KindredError",
    "NotFound",
    "Page",
    "Unreachable",
    "to_dataframe",
]
__all__ += _generated.__all__
