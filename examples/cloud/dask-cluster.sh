#!/usr/bin/env bash
# A Dask cluster of machines that can reach each other and the storage:
#
#     ./dask-cluster.sh scheduler        on one machine
#     ./dask-cluster.sh worker HOST      on each that works; HOST is the first one's address
#     ./dask-cluster.sh run HOST         from any of them
#
# All of them need the same version of faceprep, the scheduler too: it unpickles the tasks that it hands on.
#
# Whoever reaches port 8786 can run programs on the workers: keep it within a private network, or have Dask
# encrypt and ask for certificates: `distributed.comm` in its own configuration, ~/.config/dask/*.yaml on
# every machine (require-encryption, and the files under tls), and tls:// instead of tcp:// below.
set -euo pipefail

role=${1:?scheduler, worker or run}
address=tcp://${2:-0.0.0.0}:8786

case $role in
  scheduler)
    exec dask scheduler --host "$address" --no-dashboard
    ;;
  worker)
    # A process for each core with one thread: the detector is not made for threads. A worker that has
    # lost its scheduler for a minute ends, and the machine can be given back.
    exec dask worker "$address" --nworkers "$(nproc)" --nthreads 1 --death-timeout 60 --no-dashboard
    ;;
  run)
    faceprep extract s3://BUCKET/raw --out s3://BUCKET/faces --backend dask --scheduler "$address"
    faceprep select s3://BUCKET/faces --backend dask --scheduler "$address"
    faceprep shard auto s3://BUCKET/faces --out s3://BUCKET/shards --backend dask --scheduler "$address"
    faceprep verify s3://BUCKET/shards --backend dask --scheduler "$address"
    ;;
  *)
    echo "$0: '$role' is none of scheduler, worker, run" >&2
    exit 2
    ;;
esac
