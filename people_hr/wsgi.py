"""What a web server runs."""

import os

from django.core.wsgi import get_wsgi_application

from people_hr.garbage import leave_out_what_is_loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "people_hr.settings")

application = get_wsgi_application()
leave_out_what_is_loaded()
