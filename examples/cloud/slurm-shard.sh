#!/usr/bin/env bash
# After the array; `select` ends with exit code 3 while parts are missing.
#SBATCH --job-name=faceprep-shard
#SBATCH --cpus-per-task=8
#SBATCH --mem-per-cpu=1G
#SBATCH --time=04:00:00
#SBATCH --output=faceprep-%j.log
set -euo pipefail

# shellcheck source=/dev/null
. "$HOME/faceprep/bin/activate"
export SRUN_CPUS_PER_TASK="$SLURM_CPUS_PER_TASK"

srun faceprep select "$SCRATCH/faces" --log-format json
srun faceprep shard auto "$SCRATCH/faces" --out "$SCRATCH/shards" --log-format json
srun faceprep verify "$SCRATCH/shards" --log-format json
