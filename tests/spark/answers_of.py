"""The answer that a Spark DataFrame holds, in the form of `flare query --format jsonl`."""

import datetime
import decimal
import math

from pyspark.sql import functions, types

_AS_TEXT = (types.DateType, types.TimestampType, types.TimestampNTZType, types.DayTimeIntervalType,
            types.YearMonthIntervalType, types.DecimalType, types.CalendarIntervalType)


def of(frame):
    """Names, types and typed rows; runs the statement."""
    fields = frame.schema.fields
    places = frame.toDF(*[f"c{i}" for i in range(len(fields))])
    # Scalars that Python cannot hold as they are come as Spark's text of them.
    columns = [
        functions.col(f"c{i}").cast("string") if isinstance(field.dataType, _AS_TEXT) else functions.col(f"c{i}")
        for i, field in enumerate(fields)
    ]
    rows = places.select(*columns).collect() if fields else []
    return {
        "names": frame.columns,
        "types": [field.dataType.simpleString() for field in fields],
        "typed": [[_plain(value, field.dataType) for value, field in zip(row, fields)] for row in rows],
    }


def _plain(value, kind):
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        return value if math.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex().upper()
    if isinstance(value, decimal.Decimal):
        return f"{value:f}"
    if isinstance(value, datetime.datetime):
        text = value.strftime("%Y-%m-%d %H:%M:%S")
        return text + (f".{value.microsecond:06d}".rstrip("0") if value.microsecond else "")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(kind, types.ArrayType):
        return [_plain(one, kind.elementType) for one in value]
    if isinstance(kind, types.MapType):
        return {"map": [[_plain(a, kind.keyType), _plain(b, kind.valueType)] for a, b in value.items()]}
    if isinstance(kind, types.StructType):
        plain = [_plain(one, field.dataType) for one, field in zip(value, kind.fields)]
        names = [field.name for field in kind.fields]
        return dict(zip(names, plain)) if len(set(names)) == len(names) else {"struct": plain}
    return str(value)
