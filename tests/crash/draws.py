"""What the killer plays: each scenario fixes one dimension, the seed draws the others."""

import dataclasses

TRIGGERS = ("Once", "AvailableNow", "ProcessingTime", None)


@dataclasses.dataclass
class Draw:
    """The world of one round."""

    trigger: str | None
    limit: int | None
    partitioned: bool
    partitions: int
    writers: int = 1
    spare_second: bool = False  # the second writer works, and is left alive
    long_history: bool = (
        False  # more than a hundred batches, so that logs are purged and manifests merged
    )
    failing_steps: bool = False  # half of the runs do not die: a step of theirs fails
    disk: str = "sound"  # see disks.py
    catalog: str = "directory"
    maintained: bool = (
        False  # flare maintain expires snapshots all the while, and is killed as well
    )
    spark: bool = False  # Spark appends to the table all the while
    properties: dict = dataclasses.field(default_factory=dict)  # of the table

    @property
    def endless(self):
        return self.trigger in ("ProcessingTime", None)

    @property
    def batches(self):
        """How many batches a run has to do at least, while there are records."""
        return 3 if self.endless or (self.limit and self.trigger != "Once") else 1

    def text(self):
        parts = [self.trigger or "no trigger", f"limit {self.limit}" if self.limit else "no limit"]
        parts.append(f"{self.partitions} partitions")
        parts += ["partitioned table"] * self.partitioned
        parts += [f"{self.writers} writers"] * (self.writers > 1)
        parts += ["SQL catalog"] * (self.catalog == "sql") + ["maintained"] * self.maintained
        parts += ["Spark beside"] * self.spark + ["old metadata deleted"] * bool(self.properties)
        parts += [f"{self.disk} disk"] * (self.disk != "sound")
        return ", ".join(parts)


SCENARIOS = {
    "once": ("trigger Once", {"trigger": "Once"}),
    "available-now": ("trigger AvailableNow", {"trigger": "AvailableNow"}),
    "processing-time": ("trigger ProcessingTime", {"trigger": "ProcessingTime"}),
    "no-trigger": ("no triggerMode: batches as fast as they go", {"trigger": None}),
    "limited": ("with maxOffsetsPerTrigger", {"limit": 150}),
    "unlimited": ("without maxOffsetsPerTrigger", {"limit": None}),
    "partitioned": ("a partitioned table", {"partitioned": True}),
    "second-writer": ("a second flare writes to the table", {"writers": 2, "spare_second": True}),
    "second-writer-killed": ("a second flare writes, and is killed as well", {"writers": 2}),
    "long-history": (
        "more than a hundred batches: logs are purged, manifests merged",
        {
            "long_history": True,
            "limit": 30,
            "trigger": "AvailableNow",
            "partitions": 1,
            "partitioned": False,
        },
    ),
    "failing-steps": ("a step fails at a fail point, instead of dying", {"failing_steps": True}),
    "failing-disk": ("link, rename, create, write, sync or unlink fail", {"disk": "failing"}),
    "lost-reply": ("a commit or log entry is made, and the answer is lost", {"disk": "lost reply"}),
    "full-disk": ("the disk is full after some bytes", {"disk": "full"}),
    "sql-catalog": ("a table of a SQL catalog", {"catalog": "sql"}),
    "sql-catalog-shared": (
        "a second flare on a table of a SQL catalog, killed as well",
        {"catalog": "sql", "writers": 2},
    ),
    "maintenance": (
        "flare maintain expires snapshots beside, and is killed as well",
        {"maintained": True},
    ),
    "maintenance-sql": (
        "the same on a table of a SQL catalog",
        {"maintained": True, "catalog": "sql"},
    ),
    "spark-writer": (
        "Spark appends to the table through a SQL catalog",
        {"catalog": "sql", "spark": True, "partitioned": False},
    ),
    "forgetful-disk": ("power cuts: all that was not synced is lost", {"disk": "forgetful"}),
    "forgetful-by-chance": (
        "power cuts: some of what was not synced is lost",
        {"disk": "forgetful by chance"},
    ),
}


def draw(name, random):
    fixed = SCENARIOS[name][1]
    drawn = {
        "trigger": random.choice(TRIGGERS),
        "limit": random.choice((None, 100, 300)),
        "partitioned": random.random() < 0.25,
        "partitions": random.choice((1, 2, 3)),
    }
    # What an expiry that died left is told from the versions before it; Spark may be reading one of them.
    if random.random() < 0.25 and not fixed.keys() & {"maintained", "spark"}:
        drawn["properties"] = {
            "write.metadata.delete-after-commit.enabled": "true",
            "write.metadata.previous-versions-max": "2",
        }
    return Draw(**{**drawn, **fixed})
