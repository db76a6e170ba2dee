"""Lists of requests from Excel or CSV, one row a session, turned into scenario files; only this folder knows openpyxl."""
