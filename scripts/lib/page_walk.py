"""Walks the FE's page in headless Chromium as a person does, and says what is wrong with it.

    page_walk.py --url http://127.0.0.1:8030/ --table default.t --tablet 10012 [--user U --password-file F] [--images FOLDER]

Prints one JSON line: `views` that were seen and `problems`. Exit 1 when there is one. Chromium is driven over the pipe of its
DevTools protocol, so nothing but Debian's `chromium` is needed.
"""

import argparse
import base64
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

VIEWS = ["", "backends", "tables", "repairs", "cooldown", "loads"]
DESKTOP, PHONE = (1280, 900), (390, 844)
# Roles that mean nothing without a name.
NAMED = {"link", "button", "textbox", "table", "meter", "progressbar", "image", "navigation", "region", "columnheader"}


class Browser:
    """A Chromium with one page, spoken to over its pipe."""

    def __init__(self, profile):
        program = os.environ.get("TABLETD_CHROMIUM") or shutil.which("chromium") or sys.exit("page_walk: no chromium on PATH (scripts/setup)")
        there, self.output = os.pipe()
        self.input, back = os.pipe()

        def descriptors():
            # Above 4 first, so that neither takes the other's place.
            ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (there, back)]
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
             "--no-first-run", "--disable-extensions", "--disable-background-networking", "--remote-debugging-pipe",
             f"--user-data-dir={profile}", "about:blank"],
            preexec_fn=descriptors, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(there)
        os.close(back)
        self.rest, self.count, self.events, self.session = b"", 0, [], None
        target = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Network", "Accessibility", "Log", "DOM"]:
            self.call(f"{domain}.enable")

    def receive(self):
        while b"\0" not in self.rest:
            piece = os.read(self.input, 1 << 16)
            if not piece:
                raise RuntimeError("chromium is gone")
            self.rest += piece
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **parameters):
        self.count += 1
        asked = {"id": self.count, "method": method, "params": parameters}
        if self.session:
            asked["sessionId"] = self.session
        os.write(self.output, json.dumps(asked).encode() + b"\0")
        while True:
            message = self.receive()
            if message.get("id") == asked["id"]:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                return message["result"]
            if "method" in message:
                self.events.append(message)

    def run(self, script):
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait(self, condition, what, within=20):
        """Until the script's condition holds."""
        end = time.monotonic() + within
        while not self.run(f"Boolean({condition})"):
            if time.monotonic() > end:
                raise RuntimeError(f"{what} did not come; the page shows: {self.run('document.body.innerText')[:600]}")
            time.sleep(0.05)

    def key(self, name, text=""):
        codes = {"Tab": 9, "Enter": 13}
        common = {"key": name, "code": name, "windowsVirtualKeyCode": codes[name], "text": text}
        self.call("Input.dispatchKeyEvent", type="keyDown", **common)
        self.call("Input.dispatchKeyEvent", type="keyUp", **{**common, "text": ""})

    def size(self, width, height, dark=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=width < 600)
        scheme = "dark" if dark else "light"
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def picture(self, path):
        """What is seen, without what is empty below."""
        width, height = self.run(
            "[innerWidth, Math.min(innerHeight, document.getElementById('main').getBoundingClientRect().bottom)]")
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        shot = self.call("Page.captureScreenshot", format="png", clip=clip)
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Walk:
    def __init__(self, browser, options):
        self.browser, self.options = browser, options
        self.seen, self.problems = [], []

    def check(self, holds, problem):
        if not holds:
            self.problems.append(problem)

    def open(self, view):
        self.browser.run(f"location.hash = {json.dumps('#/' + view)}")
        self.browser.wait(
            "document.getElementById('main').getAttribute('aria-busy') === 'false' && document.querySelector('main h1')"
            " && document.getElementById('link').textContent === 'live'", f"view '{view}'")
        self.seen.append(view)
        self.names(view)

    def names(self, view):
        """Roles and names as a screen reader gets them."""
        nodes = self.browser.call("Accessibility.getFullAXTree")["nodes"]
        roles = []
        for node in nodes:
            role = node.get("role", {}).get("value", "")
            if node.get("ignored"):
                continue
            roles.append(role)
            name = node.get("name", {}).get("value", "").strip()
            self.check(role not in NAMED or name, f"view '{view}': a {role} has no name")
        for role in ["main", "navigation", "heading", "status"]:
            self.check(role in roles, f"view '{view}': no {role}")

    def narrow(self, view):
        """On a phone nothing but what scrolls by itself is wider than the screen."""
        wide = self.browser.run("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        self.check(wide <= 0, f"view '{view}' is {wide} pixels too wide for a phone")

    def keyboard(self):
        """Everything that can be pressed is reached by Tab, in order, and seen to be."""
        browser = self.browser
        browser.run("document.activeElement.blur(); window.getSelection().removeAllRanges()")
        wanted = browser.run(
            "[...document.querySelectorAll('a[href], button:not([hidden]), summary, [tabindex=\"0\"]')]"
            ".filter((e) => e.getClientRects().length).length")
        reached = browser.run("window.reached = new Set(), 0")
        for _ in range(wanted + 3):
            browser.key("Tab")
            outline = browser.run(
                "(() => { const e = document.activeElement; if (e === document.body) return 'body'; window.reached.add(e);"
                " return getComputedStyle(e).outlineStyle; })()")
            self.check(outline != "none", "the keyboard's focus is not seen on " + browser.run(
                "document.activeElement.outerHTML.slice(0, 80)"))
        reached = browser.run("window.reached.size")
        self.check(reached >= wanted, f"Tab reaches {reached} of {wanted} controls")
        # The second link of the navigation, pressed by key.
        browser.run("document.querySelectorAll('nav a')[1].focus()")
        browser.key("Enter", "\r")
        browser.wait("location.hash === '#/backends' && document.querySelector('main h1')?.textContent === 'Backends'",
                     "the view behind a pressed link")

    def live(self):
        """What happens shows without a reload, and whoever had the focus keeps it."""
        browser, options = self.browser, self.options
        self.open("tables")
        browser.run("window.mark = 1; document.querySelector('th a').focus(); window.held = document.activeElement")
        name = f"live{os.getpid()}"
        body = {"name": {"database": "default", "table": name}, "buckets": 1, "replicas": 1, "columns": ["a"],
                "distributionColumn": 0, "delimiter": ",", "hasHeader": False}
        request = urllib.request.Request(
            urllib.parse.urljoin(options.url, "api/tables"), json.dumps(body).encode(), options.headers)
        urllib.request.urlopen(request).read()
        browser.wait(f"document.querySelector('main').textContent.includes('default.{name}')", "the new table")
        self.check(browser.run("window.mark === 1"), "the page was loaded again")
        self.check(browser.run("document.activeElement.tagName === 'A'"), "a round of the page took the focus away")

    def log_in(self):
        browser, options = self.browser, self.options
        browser.wait("document.querySelector('form.login')", "the form to log in")
        self.seen.append("login")
        nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
        boxes = [n["name"]["value"] for n in nodes if n.get("role", {}).get("value") == "textbox"]
        self.check(boxes == ["User", "Password"], f"the form's boxes are called {boxes}")
        for password in ["wrong", options.password]:
            browser.run(f"document.querySelector('[name=user]').value = {json.dumps(options.user)}")
            browser.run("document.querySelector('[name=password]').focus()")
            browser.call("Input.insertText", text=password)
            browser.key("Enter", "\r")
            if password == "wrong":
                browser.wait("document.querySelector('form.login [role=alert]')", "the refusal of a wrong password")

    def traffic(self):
        """It asks its own frontend only, and nothing of it breaks a rule or fails."""
        own = urllib.parse.urlsplit(self.options.url).netloc
        for event in self.browser.events:
            kind, data = event["method"], event["params"]
            if kind == "Network.requestWillBeSent":
                url = data["request"]["url"]
                at_home = url.startswith(("data:", "about:", "chrome")) or urllib.parse.urlsplit(url).netloc == own
                self.check(at_home, f"the page asks {url}")
            elif kind == "Runtime.exceptionThrown":
                self.problems.append(f"a script failed: {data['exceptionDetails'].get('exception', data)}")
            elif kind == "Log.entryAdded" and data["entry"]["level"] == "error" and "401" not in data["entry"]["text"]:
                self.problems.append(f"the browser says: {data['entry']['text']}")

    def go(self):
        browser, options = self.browser, self.options
        browser.size(*DESKTOP)
        browser.call("Page.navigate", url=options.url)
        if options.user:
            self.log_in()
        database, table = options.table.split(".")
        views = VIEWS + [f"table/{database}/{table}", f"tablet/{options.tablet}"]
        for view in views:
            self.open(view)
        browser.wait("document.querySelector('svg.graph rect')", "the version graph")
        label = browser.run("document.querySelector('svg.graph').getAttribute('aria-label')")
        self.check("complete up to version" in label, f"the graph says: {label}")
        if options.images:
            os.makedirs(options.images, exist_ok=True)
            self.open("")
            browser.picture(f"{options.images}/page-cluster.png")
            self.open(f"tablet/{options.tablet}")
            browser.wait("document.querySelector('svg.graph rect')", "the version graph")
            browser.picture(f"{options.images}/page-tablet.png")
        browser.size(*PHONE, dark=True)
        for view in views:
            self.open(view)
            self.narrow(view)
        if options.images:
            self.open("backends")
            browser.picture(f"{options.images}/page-phone.png")
        browser.size(*DESKTOP)
        self.open("")
        self.keyboard()
        self.live()
        self.traffic()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", required=True)
    parser.add_argument("--table", required=True, help="one with rows, DATABASE.TABLE")
    parser.add_argument("--tablet", required=True, help="one of its tablets")
    parser.add_argument("--user")
    parser.add_argument("--password-file")
    parser.add_argument("--images", help="where screenshots go")
    options = parser.parse_args()
    options.headers = {"Content-Type": "application/json", "X-Tabletd-Page": "1"}
    if options.user:
        with open(options.password_file, encoding="utf-8") as file:
            options.password = file.readline().rstrip("\n")
        secret = base64.b64encode(f"{options.user}:{options.password}".encode()).decode()
        options.headers["Authorization"] = f"Basic {secret}"
    # Processes of the browser may still write into it while they end.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(profile)
        walk = Walk(browser, options)
        try:
            walk.go()
        except (RuntimeError, OSError) as error:
            walk.problems.append(f"{type(error).__name__}: {error}")
        finally:
            browser.end()
    print(json.dumps({"views": walk.seen, "problems": walk.problems}))
    return 1 if walk.problems else 0


if __name__ == "__main__":
    sys.exit(main())
