"""Kafka nodes in KRaft mode from the jars of `tests/bed/setup broker`: their files, their ports, their start.

`tests/bed/broker` keeps one for a whole test run. A scenario that breaks brokers takes its own: `Brokers`, whose
nodes it may stop, kill, freeze and start again over the same data, each behind a `Proxy` that can hold back or cut
what it forwards.
"""

import base64
import ctypes
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

CACHE = (
    pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    / "flare"
    / "bed"
)
JARS = CACHE / "broker"
START_SECONDS = 120
STOP_SECONDS = 20
CLUSTER_ID = "ZmxhcmVmbGFyZWZsYXJlMQ"
SASL_USER, SASL_PASSWORD = "tester", "tester-secret"

PROPERTIES = f"""\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{{controller}}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listeners=PLAINTEXT://127.0.0.1:{{plain}},SASL://127.0.0.1:{{sasl}},CONTROLLER://127.0.0.1:{{controller}}
advertised.listeners=PLAINTEXT://127.0.0.1:{{plain}},SASL://127.0.0.1:{{sasl}}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT
listener.name.sasl.sasl.enabled.mechanisms=PLAIN
listener.name.sasl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule \
required user_{SASL_USER}="{SASL_PASSWORD}";
log.dirs={{folder}}/data
auto.create.topics.enable=false
num.network.threads=2
num.io.threads=4
background.threads=2
log.cleaner.enable=false
log.retention.ms=-1
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
transaction.max.timeout.ms=900000
"""

LOGGING = """\
rootLogger.level=INFO
rootLogger.appenderRef.file.ref=file
appender.file.type=File
appender.file.name=file
appender.file.fileName={folder}/broker.log
appender.file.layout.type=PatternLayout
appender.file.layout.pattern=[%d] %p %m (%c)%n
"""


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def answers(port, brokers=1):
    """True when the broker answers a Metadata request with that many brokers and a controller."""
    request = struct.pack(">hhih", 3, 1, 7, -1) + struct.pack(">i", 0)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            with connection.makefile("rb") as stream:
                size = struct.unpack(">i", stream.read(4))[0]
                body = stream.read(size)
        at = 8
        for _ in range(struct.unpack(">i", body[4:8])[0]):
            at += 4 + 2 + struct.unpack(">h", body[at + 4 : at + 6])[0] + 4
            at += 2 + max(0, struct.unpack(">h", body[at : at + 2])[0])
        controller = struct.unpack(">i", body[at : at + 4])[0]
        return struct.unpack(">i", body[4:8])[0] >= brokers and controller >= 1
    except (OSError, struct.error):
        return False


def java_command(folder, *more, heap=512):
    command = [
        "java",
        "-Xms64m",
        f"-Xmx{heap}m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xshare:auto",
        "-XX:MaxDirectMemorySize=256m",
        f"-Dlog4j2.configurationFile={folder}/log4j2.properties",
        "-Djava.awt.headless=true",
    ]
    return command + list(more)


def class_path():
    return ":".join(str(jar) for jar in sorted(JARS.glob("*.jar")))


def start_command(folder, heap=512):
    words = ["-cp", class_path(), "kafka.Kafka", str(folder / "server.properties")]
    return java_command(folder, *words, heap=heap)


def write_files(folder, ports, extra=None):
    """Writes the settings of node 1 with its ports (plain, SASL, controller); those of `extra` win."""
    (folder / "log4j2.properties").write_text(LOGGING.format(folder=folder))
    plain, sasl, controller = ports
    text = PROPERTIES.format(folder=folder, plain=plain, sasl=sasl, controller=controller)
    for name, value in (extra or {}).items():
        text += f"{name}={value}\n"
    (folder / "server.properties").write_text(text)


def format_data(folder, node=1):
    """Writes the empty data folder of a node. It names no port, so one is kept in the cache and copied."""
    kept = JARS / "formatted"
    if not kept.exists():
        with tempfile.TemporaryDirectory(dir=JARS) as work:
            work = pathlib.Path(work)
            write_files(work, (1, 2, 3))
            words = ["-cp", class_path(), "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID]
            words += ["-c", str(work / "server.properties")]
            done = subprocess.run(
                java_command(work, *words), capture_output=True, text=True, check=False
            )
            if done.returncode != 0:
                raise RuntimeError(
                    f"the broker's data folder cannot be formatted:\n{done.stdout}{done.stderr}"
                )
            try:
                os.rename(work / "data", kept)
            except OSError:
                if not kept.exists():
                    raise
    shutil.copytree(kept, folder / "data")
    if node != 1:
        identity = base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip("=")
        (folder / "data" / "meta.properties").write_text(
            f"node.id={node}\ndirectory.id={identity}\nversion=1\ncluster.id={CLUSTER_ID}\n"
        )


def last_lines(folder):
    text = ""
    for name in ("console.log", "broker.log"):
        try:
            text += "".join((folder / name).open(errors="replace").readlines()[-15:])
        except OSError:
            pass
    return text


def die_with_parent(number=signal.SIGTERM):
    ctypes.CDLL(None).prctl(1, number)


class Proxy:
    """Forwards a port of its own to another one, on loopback, byte for byte."""

    def __init__(self):
        self.target = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._changed = threading.Condition()
        self._pairs = set()
        self._left = None  # bytes that the broker may still send; None = any number
        self._cut_after = None
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def hold_after(self, size):
        """Lets the broker send that many more bytes, over all connections, and then no more until `release`."""
        with self._changed:
            self._left = size

    def holds(self):
        """True when something that the broker sent is held back."""
        with self._changed:
            return self._left == 0

    def release(self):
        with self._changed:
            self._left = None
            self._changed.notify_all()

    def cut_after(self, size):
        """Breaks each connection, those to come too, when the broker has sent that many bytes over it; None = never."""
        with self._changed:
            self._cut_after = size

    def close(self):
        with self._changed:
            self._closed = True
            self._left = None
            self._changed.notify_all()
            pairs = list(self._pairs)
        self._listener.close()
        for pair in pairs:
            self._break(pair)

    def _accept(self):
        while not self._closed:
            try:
                client = self._listener.accept()[0]
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target), timeout=5)
                server.settimeout(None)
            except OSError:
                client.close()
                continue
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pair = (client, server)
            with self._changed:
                self._pairs.add(pair)
            threading.Thread(target=self._pump, args=(pair, 0), daemon=True).start()
            threading.Thread(target=self._pump, args=(pair, 1), daemon=True).start()

    def _pump(self, pair, side):
        sent = 0
        try:
            while data := pair[side].recv(1 << 16):
                if side == 1:
                    data = self._allowed(data, pair)
                    sent += len(data)
                    if self._cut_after is not None and sent >= self._cut_after:
                        break
                else:
                    pair[1].sendall(data)
        except OSError:
            pass
        self._break(pair)

    def _allowed(self, data, pair):
        """Sends what may be sent, waiting while it is held back; gives all of it."""
        rest = data
        while rest:
            with self._changed:
                self._changed.wait_for(lambda: self._left != 0)
                size = len(rest) if self._left is None else min(self._left, len(rest))
                if self._left is not None:
                    self._left -= size
            pair[0].sendall(rest[:size])
            rest = rest[size:]
        return data

    def _break(self, pair):
        with self._changed:
            self._pairs.discard(pair)
        for one in pair:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()


class Node:
    """One broker process that may be stopped and started again over the same data and ports."""

    def __init__(self, folder, port, heap):
        self.folder = folder
        self.port = port
        self._heap = heap
        self._process = None

    def start(self):
        with open(self.folder / "console.log", "ab") as console:
            self._process = subprocess.Popen(
                start_command(self.folder, self._heap),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                preexec_fn=lambda: die_with_parent(signal.SIGKILL),
            )

    def until_ready(self, brokers=1):
        """Waits until it answers and knows that many brokers."""
        deadline = time.monotonic() + START_SECONDS
        while not answers(self.port, brokers):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"a broker did not start:\n{last_lines(self.folder)}")
            time.sleep(0.05)

    def stop(self):
        """Shuts it down in order; gives up and kills it after a while."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self):
        self._process.kill()
        self._process.wait()

    def freeze(self):
        """It keeps its connections and answers nothing, until `thaw`."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self._process.send_signal(signal.SIGCONT)

    def data(self, topic, partition=0):
        """The folder of a partition's log."""
        return self.folder / "data" / f"{topic}-{partition}"


class Brokers:
    """A cluster of one scenario: node 1 is also the controller, so that any other may be stopped.

    `bootstrap` leads through the proxies, `direct` past them. `properties` go into every node's settings.
    """

    def __init__(self, folder, nodes=1, properties=None, heap=256):
        self.nodes = {}
        self.proxies = {}
        ports = {number: free_ports(4) for number in range(1, nodes + 1)}
        controller = ports[1][2]
        for number, (plain, sasl, _, hidden) in ports.items():
            proxy = self.proxies[number] = Proxy()
            proxy.target = hidden
            home = folder / f"node-{number}"
            home.mkdir(parents=True)
            listeners = (
                f"PLAINTEXT://127.0.0.1:{plain},SASL://127.0.0.1:{sasl},PROXIED://127.0.0.1:{hidden}"
            )
            own = {
                "node.id": number,
                "listeners": listeners,
                "advertised.listeners": listeners.replace(f":{hidden}", f":{proxy.port}"),
                "broker.session.timeout.ms": 3000,
                "broker.heartbeat.interval.ms": 500,
            }
            if number == 1:
                own["listeners"] += f",CONTROLLER://127.0.0.1:{controller}"
            else:
                own["process.roles"] = "broker"
            write_files(home, (plain, sasl, controller), {**own, **(properties or {})})
            format_data(home, number)
            self.nodes[number] = Node(home, plain, heap)
        self.bootstrap = ",".join(f"127.0.0.1:{one.port}" for one in self.proxies.values())
        self.direct = ",".join(f"127.0.0.1:{one.port}" for one in self.nodes.values())

    def __enter__(self):
        for node in self.nodes.values():
            node.start()
        for node in self.nodes.values():
            node.until_ready(len(self.nodes))
        return self

    def __exit__(self, kind, error, trace):
        for node in self.nodes.values():
            node.kill()
        for proxy in self.proxies.values():
            proxy.close()

    def node(self, number=1):
        return self.nodes[number]

    def proxy(self, number=1):
        return self.proxies[number]
