from casework.app import CASEWORK
from casework.settings import Settings
from kit.service import main

if __name__ == "__main__":
    main(CASEWORK, Settings)
