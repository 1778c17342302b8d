"""Write everything in an extract that has a name to GeoParquet by QuackOSM. Runs in the rivals' environment."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pyarrow.parquet import ParquetFile
from quackosm import convert_pbf_to_parquet

# QuackOSM starts processes that import this file.
if __name__ == "__main__":
    folder = Path(sys.argv[2])
    written = convert_pbf_to_parquet(
        sys.argv[1],
        tags_filter={"name": True},
        keep_all_tags=True,
        explode_tags=False,
        result_file_path=folder / "named.parquet",
        working_directory=folder / "working",
        ignore_cache=True,
        verbosity_mode="silent",
    )
    print(json.dumps({"objects": ParquetFile(written).metadata.num_rows}))
