"""Where on earth a place is."""

from dataclasses import dataclass

from domain.errors import Invalid

PLACES = 7
"""Decimal places that are kept: a hundredth of a metre; more is noise of the receiver."""


class LatitudeInvalid(Invalid):
    """A latitude is between -90 (south) and 90 (north) degrees, not {degrees}."""

    field = "coordinates.latitude"


class LongitudeInvalid(Invalid):
    """A longitude is between -180 (west) and 180 (east) degrees, not {degrees}."""

    field = "coordinates.longitude"


@dataclass(frozen=True)
class Coordinates:
    """A point on earth in degrees (WGS 84), e.g. 52.5163 13.3777."""

    latitude: float
    longitude: float


def checked_coordinates(_: str, point: Coordinates) -> Coordinates:
    """Return the point to seven decimals; raises `LatitudeInvalid` or `LongitudeInvalid`."""
    # Asked this way round, so that what is no number at all is refused too.
    if not -90 <= point.latitude <= 90:  # noqa: PLR2004 - from pole to pole
        raise LatitudeInvalid(degrees=point.latitude)
    if not -180 <= point.longitude <= 180:  # noqa: PLR2004 - once around
        raise LongitudeInvalid(degrees=point.longitude)
    return Coordinates(_rounded(point.latitude), _rounded(point.longitude))


def _rounded(degrees: float) -> float:
    # Zero is added because Postgres has no -0.0: the log and the view say the same.
    return round(float(degrees), PLACES) + 0.0
