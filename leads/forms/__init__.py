"""What form tools send: decode the body once, check who signed it, pick out what we need. Pure."""

from leads.forms.decode import Pairs, decode
from leads.forms.pick import FormRequest, pick
from leads.forms.signatures import verify

__all__ = ["FormRequest", "Pairs", "decode", "pick", "verify"]
