"""The commands: parse, make options, call the stage, print what it did. Light until one runs."""

from faceprep.commands.doctor import doctor
from faceprep.commands.evaluate import crossval, evaluate
from faceprep.commands.export import export
from faceprep.commands.extract import extract
from faceprep.commands.forget import forget
from faceprep.commands.inspect import inspect
from faceprep.commands.predict import predict
from faceprep.commands.report import report
from faceprep.commands.runs import runs
from faceprep.commands.select import select
from faceprep.commands.shard import shard
from faceprep.commands.status import status
from faceprep.commands.train import train
from faceprep.commands.verify import verify

COMMANDS = (
    *(extract, select, shard, train, predict, evaluate, crossval, runs),
    *(report, status, verify, inspect, export, forget, doctor),
)
