"""Jobs: files and folders of messages in, a folder of results out; killed, they go on where they were."""

from lmr_hybrid.jobs.job import ENGINES, Engine, JobReport, run_job
from lmr_hybrid.jobs.kinds import KINDS, PART_KINDS, Kind, PartKind, kind_of
from lmr_hybrid.jobs.plan import JobSettings
from lmr_hybrid.jobs.recognizer_choice import RecognizerChoice

__all__ = [
    "ENGINES",
    "KINDS",
    "PART_KINDS",
    "Engine",
    "JobReport",
    "JobSettings",
    "Kind",
    "PartKind",
    "RecognizerChoice",
    "kind_of",
    "run_job",
]
