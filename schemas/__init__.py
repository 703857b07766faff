"""What crosses the wire: marshmallow only, knows no Flask and no SQL."""
