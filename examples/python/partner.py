"""An asynchronous partner of the Business Applications API: Python 3.9 or later, standard library only, one file.

It sells a backup service named Coffre. Copy it, then put your own product behind the class Partner; the rest is the
API. Everything is kept in memory: a restart forgets all.
"""

import argparse
import base64
import http.client
import itertools
import json
import logging
import os
import queue
import random
import re
import signal
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CATALOGUE = {"COFFRE-STANDARD": "Coffre Standard", "COFFRE-VAULT": "Coffre Vault"}
MAX_QUANTITY = 100
MAX_BODY = 16 * 1024 * 1024
STATES = {"active": "active", "suspended": "inactive", "inactive": "inactive", "deleted": "deleted"}

log = logging.getLogger("partner")


class Refused(Exception):
    """The request cannot be met. Its text goes into the note of the final event."""


class BadRequest(Exception):
    """The request cannot even be acknowledged. Holds the HTTP status and the reason."""


def new_id():
    return str(uuid.uuid4())


def new_login():
    return "coffre-" + new_id()


def now():
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


def text(value, *path):
    """The text at the path in a JSON value, or "" where it is missing or no text."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def reference_of(resource):
    return text(resource, "externalReference", "id")


def present(**members):
    """Drops the members without value: the API knows no null, no {}, no [] and no ""."""
    return {name: value for name, value in members.items() if value not in (None, {}, [], "")}


@dataclass
class Licence:
    id: str
    fleet: str
    offering: dict
    login: str
    email: str  # where the login is sent to
    state: str = "active"
    external_state: str = "active"

    def right(self):
        return present(loginKeyValue={"key": "login", "value": self.login}, email=self.email)

    def show(self):
        return {
            "id": self.id, "relatedProductRefId": self.fleet, "state": self.state, "externalState": self.external_state,
            "productOffering": self.offering, "right": [self.right()],
        }


class Partner:
    """The product and its store. Requests are acknowledged at once; the work is done later, in the order of arrival."""

    def __init__(self, outbox, delay):
        self.outbox = outbox
        self.delay = delay
        self.lock = threading.Lock()
        self.customers = {}  # each with its contacts
        self.ids = {}  # ours of customers and contacts, by Orange's references
        self.fleets = {}  # lists of licences
        self.licences = {}  # those that live
        self.answers = {}  # by kind and Orange's reference: a request that is sent twice is done once
        self.jobs = queue.Queue()

    def accept(self, kind, request):
        """Returns the answer, and the job that it promises; a repeated request gets its first answer and no job."""
        key = (kind, reference_of(request))
        if not key[1]:
            raise BadRequest(400, f"the {kind} has no externalReference.id")
        with self.lock:
            if key in self.answers:
                return self.answers[key], None
            answer = {"id": new_id(), "externalReference": request["externalReference"]}
            if kind == "order" and "orderItem" not in request:
                self.answers[key] = {**answer, "state": "completed", **self.create_customer(request)}
                return self.answers[key], None
            self.answers[key] = {**answer, "state": "acknowledged"}
            return self.answers[key], (kind, answer, request)

    def schedule(self, job):
        """Called once the acknowledgement is on its way, so that no event overtakes it."""
        self.jobs.put((time.monotonic() + self.delay, job))

    def run(self):
        while True:
            due, job = self.jobs.get()
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                self.work(*job)
            except Exception:
                log.exception("job lost")

    def work(self, kind, answer, request):
        """The work first, the event second, so that Orange finds by GET what the event tells."""
        try:
            with self.lock:
                done = self.add_licences(request) if kind == "order" else self.change_licences(request)
            final = {**answer, "state": "completed", **done}
        except Refused as refusal:
            final = {**answer, "state": "failed", "note": {"text": str(refusal), "date": now(), "author": "Coffre"}}
        if kind == "order":
            self.outbox.send("productordering/v2/event", final["state"] + "StateNotification", final)
        else:
            self.outbox.send("userservice/v2/event", "updateNotification", final)

    def create_customer(self, order):
        """ProductOrdering UC1: a customer and its contacts, at once also in this mode; nothing is produced yet."""
        data, contacts = order.get("customer"), order.get("relatedContact", [])
        if not reference_of(data):
            raise BadRequest(400, "customer or its externalReference.id is missing")
        if not isinstance(contacts, list) or not all(reference_of(contact) for contact in contacts):
            raise BadRequest(400, "each relatedContact needs its externalReference.id")
        customer_id = self.ids.setdefault(reference_of(data), new_id())
        contact_ids = [self.ids.setdefault((customer_id, reference_of(contact)), new_id()) for contact in contacts]
        self.customers[customer_id] = present(
            customer={**data, "id": customer_id},
            relatedContact=[{**contact, "id": contact_id} for contact, contact_id in zip(contacts, contact_ids)],
        )
        return {"completionDate": now(), **self.customers[customer_id]}

    def add_licences(self, order):
        """UC2 and UC3. Each order gets a fleet of its own, also one that names a fleet: the API leaves that to us."""
        items = order["orderItem"]
        if not isinstance(items, list) or len(items) != 1 or text(items[0], "action") != "add":
            raise Refused("orderItem must hold exactly one item, with the action add")
        code = reference_of(items[0].get("productOffering"))
        if code not in CATALOGUE:
            raise Refused(f"unknown product offering {code}" if code else "the product offering is missing")
        product = items[0].get("productRef")
        quantity = product.get("userServiceQuantity") if isinstance(product, dict) else None
        if type(quantity) is not int or not 1 <= quantity <= MAX_QUANTITY:  # isinstance would let true pass for 1
            raise Refused(f"userServiceQuantity must be a whole number from 1 to {MAX_QUANTITY}")
        given = product.get("characteristic")
        if not isinstance(given, list) or not any(text(c, "name") == "storageSize" and text(c, "value") for c in given):
            raise Refused("the characteristic storageSize is missing")
        customer_id = text(order, "customer", "id") or self.ids.get(reference_of(order.get("customer")))
        if customer_id not in self.customers:
            raise Refused("unknown customer")

        contacts = self.customers[customer_id].get("relatedContact", [])
        email = next((text(c, "email") for c in contacts if c.get("role") == "customerFleetManager"), "")
        fleet = new_id()
        offering = {"name": CATALOGUE[code], "externalReference": items[0]["productOffering"]["externalReference"]}
        added = [Licence(new_id(), fleet, offering, new_login(), email) for _ in range(quantity)]
        self.fleets[fleet] = added
        self.licences.update((licence.id, licence) for licence in added)
        item = {"id": new_id(), "action": "add", "state": "completed", "productOffering": items[0]["productOffering"]}
        return {"completionDate": now(), "orderItem": [{**item, "productRef": {**product, "id": fleet}}]}

    def consult(self, fleet):
        """UserService UC1."""
        with self.lock:
            return [licence.show() for licence in self.fleets.get(fleet, []) if licence.state != "deleted"]

    def change_licences(self, update):
        """UC2 and UC3. Every change is checked before the first one is made: all of them, or none."""
        sent = update.get("userServices")
        if not isinstance(sent, list) or not sent:
            raise Refused("userServices is missing")
        changes = {}
        for wanted in sent:
            licence_id, external_state = text(wanted, "id"), text(wanted, "externalState")
            if licence_id not in self.licences:
                raise Refused(f"unknown licence {licence_id}" if licence_id else "a licence has no id")
            if licence_id in changes:
                raise Refused(f"licence {licence_id} is named twice")
            if "productOfferingOperation" in wanted:
                raise Refused("Coffre licences cannot change their offering")
            if external_state not in STATES:
                raise Refused(f"unknown externalState for licence {licence_id}")
            changes[licence_id] = external_state

        changed = [self.licences[licence_id] for licence_id in changes]
        for licence in changed:
            licence.external_state, licence.state = changes[licence.id], STATES[changes[licence.id]]
            if licence.state == "deleted":
                del self.licences[licence.id]
        return {"userServices": [licence.show() for licence in changed]}

    def renew_login(self, licence_id):
        """UC5.3, from the customer's tool."""
        with self.lock:
            if licence_id not in self.licences:
                raise BadRequest(404, "unknown licence")
            licence = self.licences[licence_id]
            licence.login = new_login()
            shown = licence.show()
            changed = {"id": licence_id, "rightOperation": [{"action": "modify", **licence.right()}]}
        self.outbox.send("userservice/v2/event", "updateNotification", {"userServices": [changed]})
        return shown


class Outbox:
    """Delivers events at least once, with the same bytes each time, until Orange took them or refused them for good."""

    def __init__(self, base, token_url, credentials):
        self.base = base
        self.token_url = token_url
        self.basic = "Basic " + base64.b64encode(credentials.encode()).decode()
        self.token, self.renew_at = None, 0.0
        self.token_lock = threading.Lock()
        self.slots = threading.Semaphore(8)  # calls to Orange at once

    def send(self, path, event_type, resource):
        event = to_json({"type": event_type, "time": now(), "resource": resource})
        threading.Thread(target=self.deliver, args=(f"{self.base}/{path}", event), daemon=True).start()

    def deliver(self, url, event):
        for attempt in itertools.count():
            pause = min(0.2 * 2 ** min(attempt, 8), 5.0) * random.uniform(0.5, 1.0)
            try:
                with self.slots:
                    token = self.get_token()
                    status, headers, _ = post(url, event, "Bearer " + token, "application/json")
                if 200 <= status < 300:
                    return
                log.warning("event: the gateway answered %d", status)
                if status == 401:
                    self.drop_token(token)
                    pause = pause if attempt else 0.0
                elif status < 500 and status not in (408, 429):
                    log.error("event given up")
                    return
                asked = headers.get("Retry-After", "")
                pause = max(pause, min(int(asked), 60) if asked.isdecimal() else 0)
            except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
                log.warning("event: %s", error)
            time.sleep(pause)

    def get_token(self):
        """One token for all deliveries, renewed before its end."""
        with self.token_lock:
            if self.token is None or time.monotonic() >= self.renew_at:
                grant, form = b"grant_type=client_credentials", "application/x-www-form-urlencoded"
                status, _, body = post(self.token_url, grant, self.basic, form)
                if status != 200:
                    raise ConnectionError(f"the token server answered {status}")
                answer = json.loads(body)
                self.token = answer["access_token"]
                self.renew_at = time.monotonic() + 0.9 * float(answer.get("expires_in", "inf"))
            return self.token

    def drop_token(self, refused):
        with self.token_lock:
            if self.token == refused:  # else another delivery has renewed it already
                self.token = None


def post(url, body, authorization, content_type):
    headers = {"Authorization": authorization, "Content-Type": content_type, "Accept": "application/json"}
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def to_json(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True).encode()


def parse(body):
    try:
        value = json.loads(body.decode(), parse_constant=int)  # int refuses NaN and Infinity, which are no JSON
    except (ValueError, RecursionError):
        raise BadRequest(400, "the body is not JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise BadRequest(400, "the body is no JSON object")
    return value


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        job = None
        try:
            status, (body, job) = 200, self.route(self.read_body())
        except BadRequest as error:
            status, reason = error.args
            body = {"code": status, "message": "Refused", "description": reason}
        except Exception:
            log.exception("%s %s", self.command, self.path)
            status, body = 500, {"code": 1, "message": "Internal error", "description": "see our log"}
        content = to_json(body)
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        finally:
            if job:
                self.server.partner.schedule(job)

    do_POST = do_GET

    def route(self, body):
        """Returns the answer, and the job that is to start once it is sent."""
        partner, url = self.server.partner, urllib.parse.urlsplit(self.path)
        resource = f"{self.command} {url.path}"
        if resource == "GET /ping":
            return {"status": "up"}, None
        if resource == "GET /userservice/v2/userService":
            fleet = urllib.parse.parse_qs(url.query).get("productRefId")
            if not fleet:
                raise BadRequest(400, "expected productRefId")
            return partner.consult(fleet[0]), None
        if resource == "POST /productordering/v2/productOrder":
            return partner.accept("order", parse(body))
        if resource == "POST /userservice/v2/userService/update":
            return partner.accept("update", parse(body))
        if renewal := re.fullmatch("POST /customer-tool/([^/]+)/login/renew", resource):
            return partner.renew_login(renewal[1]), None
        raise BadRequest(404, "no such resource")

    def read_body(self):
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal() or int(length) > MAX_BODY:
            self.close_connection = True  # what is left of the body would be taken for the next request
            raise BadRequest(413, "expected a Content-Length of 16 MiB at most")
        return self.rfile.read(int(length))

    def log_message(self, format, *args):
        log.debug(format, *args)


def main():
    env = os.environ
    flags = argparse.ArgumentParser(description="An asynchronous partner of the Business Applications API.")
    flags.add_argument("--port", type=int, default=8083, help="0 takes a free port")
    flags.add_argument("--gateway", default=env.get("GATEWAY_URL", "http://127.0.0.1:8093"))
    flags.add_argument("--token-url", default=env.get("TOKEN_URL"))
    flags.add_argument("--offer", default=env.get("OFFER", "mba2-beta"))
    flags.add_argument("--delay", type=int, default=0, metavar="MS", help="how long the work on a request takes")
    args = flags.parse_args()
    logging.basicConfig(format="%(levelname)s %(message)s")

    gateway = args.gateway.rstrip("/")
    credentials = f"{env.get('CLIENT_ID', 'demo')}:{env.get('CLIENT_SECRET', 'demo-secret')}"
    outbox = Outbox(f"{gateway}/{args.offer}", args.token_url or f"{gateway}/oauth/v3/token", credentials)
    ThreadingHTTPServer.request_queue_size = 128  # connections that may wait; its own 5 is soon full
    server = ThreadingHTTPServer(("127.0.0.1", args.port), Handler)
    server.partner = Partner(outbox, args.delay / 1000)

    threading.Thread(target=server.partner.run, daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit())
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    with server:
        server.serve_forever()


if __name__ == "__main__":
    main()
