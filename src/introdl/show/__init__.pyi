from introdl.show._animation import animation
from introdl.show._arrays import arrays
from introdl.show._data import data
from introdl.show._file import file
from introdl.show._picture import picture
from introdl.show._sound import sound
from introdl.show._strip import strip
from introdl.show._table import table
from introdl.show._values import values

__all__ = [
    "animation",
    "arrays",
    "data",
    "file",
    "picture",
    "sound",
    "strip",
    "table",
    "values",
]
