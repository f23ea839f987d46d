"""Image files without their metadata, for those whose metadata is malformed or very large."""

import struct

PNG = b"\x89PNG\r\n\x1a\n"
CHUNKS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"eXIf")  # pixels, and which way is up
JPEG = b"\xff\xd8\xff"
SCAN = 0xDA  # the marker behind which the pixels begin
DROPPED = {*range(0xE1, 0xEE), 0xEF, 0xFE}  # markers of metadata
COLOURS = {0xE0: 16, 0xEE: 14}  # markers that say how colours are stored, and their least length


def stripped(data: bytes) -> bytes:
    """Return the bytes of a PNG or JPEG without metadata; other bytes as they are.

    A PNG keeps its orientation, a JPEG does not.

    Example:
        >>> stripped(JPEG[:2] + bytes.fromhex("fffe 0004 6869 ffda 0002")).hex(" ")
        'ff d8 ff da 00 02'
    """
    if data.startswith(PNG):
        return PNG + b"".join(_chunks(data))
    if data.startswith(JPEG):
        return JPEG[:2] + b"".join(_segments(data))
    return data


def _chunks(data: bytes):
    place = len(PNG)
    while place + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        end = place + 12 + length  # length, kind, contents, checksum
        if kind in CHUNKS:
            yield data[place:end]
        place = end


def _segments(data: bytes):
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker, length = struct.unpack_from(">xBH", data, place)
        if marker == SCAN:
            break
        if marker not in DROPPED and length >= COLOURS.get(marker, 0):
            yield data[place : place + 2 + length]
        place += 2 + length
    yield data[place:]
