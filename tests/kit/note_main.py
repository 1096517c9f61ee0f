"""`python -m tests.kit.note_main serve`: the toy service as a process of its own."""

import os
from pathlib import Path

from tests.kit.note_service import Settings, definition

from kit.service import main

if __name__ == "__main__":
    main(definition(Path(os.environ["TOY_MIGRATIONS"])), Settings)
