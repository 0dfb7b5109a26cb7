"""Pages: signing in and out, and changing one's password."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse, reverse_lazy
from django_htmx.http import HttpResponseClientRefresh

from portal.access import is_operator
from portal.forms.password import PasswordForm
from portal.forms.sign_in import TOO_OFTEN, SignInForm


class SignIn(LoginView):
    """Ask who somebody is, then lead on to where they were going."""

    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        """Lead operators, who belong to no publisher, to the admin."""
        return reverse("admin:index") if is_operator(self.request.user) else super().get_default_redirect_url()

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        answer = super().form_invalid(form)
        if form.has_error(NON_FIELD_ERRORS, TOO_OFTEN):
            answer.status_code = HTTPStatus.TOO_MANY_REQUESTS
        return answer

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # A part of a page that asks after its session ended would otherwise show the sign-in inside itself.
        if request.headers.get("HX-Request"):
            return HttpResponseClientRefresh()
        return super().dispatch(request, *args, **kwargs)


class Password(PasswordChangeView):
    """Let somebody choose another password; their other sessions end."""

    form_class = PasswordForm
    template_name = "registration/password.html"
    success_url = reverse_lazy("overview")

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        messages.success(self.request, "Your password is changed.")
        return super().form_valid(form)


urlpatterns: list[URLPattern] = [
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("password/", Password.as_view(), name="password"),
]
