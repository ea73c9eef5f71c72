"""A company: from list value to cash, with what is unknown left unknown."""

from costbasis.company.read import Company, company_names, find_company
from costbasis.company.walk import Switches, Walk, walk

__all__ = ["Company", "Switches", "Walk", "company_names", "find_company", "walk"]
