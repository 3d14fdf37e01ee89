"""Words everyone uses: months, periods, money, NPIs, stable ids, provenance and the error tree."""
