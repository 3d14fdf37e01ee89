"""What views of other packages need, by the name of their address. A name that is missing here is refused.

What we do not offer is closed: people are invited by an administrator, and addresses are changed there.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from cocm.server.access.needs import Audience

_PUBLIC: Final = (
    "account_login",
    "account_logout",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "openid_connect_login",
    "openid_connect_callback",
    "socialaccount_login_cancelled",
    "socialaccount_login_error",
    "look:theme",
    "look:guide",  # these two exist for developers only
    "look:confirm",
)
_SIGNED_IN: Final = (
    "account_change_password",
    "account_reauthenticate",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_edit_webauthn",
    "mfa_remove_webauthn",
)
_CLOSED: Final = (
    "account_signup",
    "account_set_password",
    "account_email",
    "account_email_verification_sent",
    "account_confirm_email",
    "account_confirm_login_code",
    "socialaccount_signup",
    "socialaccount_connections",
)
OTHERS_VIEWS: Final = MappingProxyType(
    dict.fromkeys(_PUBLIC, Audience.PUBLIC)
    | dict.fromkeys(_SIGNED_IN, Audience.SIGNED_IN)
    | dict.fromkeys(_CLOSED, Audience.CLOSED)
)
