"""Who buys in the demo, and what they say."""

from __future__ import annotations

FIRST_NAMES = (
    "Alex", "Ana", "Ben", "Chris", "Dana", "Eli", "Emma", "Finn", "Ines", "Jamie", "Jan", "Jo", "Kim", "Lea", "Leo",
    "Lin", "Max", "Mia", "Nia", "Noor", "Omar", "Pat", "Ravi", "Robin", "Sam", "Sara", "Tom", "Toni", "Uma", "Yuki",
)  # fmt: skip
LAST_NAMES = ("Buyer", "Customer", "Example", "Sample")
COMPANIES = (
    "Adatum", "Adventure Works", "Alpine Ski House", "Coho Winery", "Fourth Coffee", "Humongous Insurance",
    "Litware", "Lucerne Publishing", "Proseware", "Relecloud", "Tailspin Toys", "Trey Research", "VanArsdel",
    "Wide World Importers", "Wingtip Toys", "Woodgrove Bank",
)  # fmt: skip
TITLES = ("CTO", "IT manager", "Head of sales", "Architect", "Purchasing", "")
COUNTRIES = ("US", "US", "US", "DE", "DE", "GB", "FR", "IN", "JP", "BR", "CA", "NL", "AU", "")
NOTES = (
    "Please call before noon.",
    "We have 40 people in three countries. What would it cost?",
    "Does it work with single sign-on?",
    "",
)
CAMPAIGNS = ("spring-fair", "newsletter", "partner-day")
