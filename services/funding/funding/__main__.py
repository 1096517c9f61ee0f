from funding.app import FUNDING
from funding.settings import Settings
from kit.service import main

if __name__ == "__main__":
    main(FUNDING, Settings)
