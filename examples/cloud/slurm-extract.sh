#!/usr/bin/env bash
# Sixteen jobs extract; SLURM tells each its number (SLURM_ARRAY_TASK_ID, and of the array _MIN, _MAX, _COUNT).
# To do some of them again: sbatch --array=3,7 --export=ALL,FACEPREP_TASK_COUNT=16 slurm-extract.sh
#SBATCH --job-name=faceprep-extract
#SBATCH --array=0-15
#SBATCH --cpus-per-task=8
#SBATCH --mem-per-cpu=1G
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --signal=TERM@30
#SBATCH --open-mode=append
#SBATCH --output=faceprep-%A-%a.log

# A virtual environment with faceprep, or `module load`.
# shellcheck source=/dev/null
. "$HOME/faceprep/bin/activate"

# srun does not take the number of cores over from sbatch. What srun runs gets the SIGTERM 30 seconds before
# the time is over; this shell does not.
code=0
srun --cpus-per-task="$SLURM_CPUS_PER_TASK" \
  faceprep extract "$SCRATCH/raw" --out "$SCRATCH/faces" --log-format json || code=$?

# 143: it was ended by that signal. Finished parts stay, and another turn in the queue goes on from there.
# (In one of the tasks SLURM_JOB_ID is the number of the whole array, and would have all of them requeued.)
if [ "$code" -eq 143 ]; then
  scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"
fi
exit "$code"
