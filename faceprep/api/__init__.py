"""What the commands do, as functions: for notebooks and programs. `import faceprep` gives all of them.

| command | function |
|---|---|
| extract | `extract_faces` |
| select | `select_targets` |
| shard | `shard_pairs`, `shard_cfp`, `shard_triplets` |
| train | `train_autoencoder`, `train_siamese` |
| predict | `predict_frontal`, `compare_faces`, `compare_pairs`, `show_test_pairs` |
| evaluate | `evaluate_run` |
| crossval | `cross_validate` |
| runs | `list_runs` |
| report | `write_report` |
| status | `status_of` |
| verify | `verify_path` |
| inspect | `inspect_path` |
| export | `export_crops` |
| forget | `forget_people` |
| doctor | `check_machine` |

What they make is read by `read_faces` and `scan_faces` (Arrow), `read_targets` (Arrow) and `read_shards`
(`tf.data`). A location is a string, a path or a URL. `autoencoder_preset` and
`siamese_preset` give the options of recorded experiments; `faceprep` also has the options dataclasses,
`Cluster`, and the errors.

A function takes the options dataclass of its command, None for the defaults, and returns what the command
prints, as an object. It goes on where an earlier call was stopped, as the command does. What a user can do
something about is raised as a `FaceprepError`; nothing here ends the process. Messages go to the logger
`faceprep`, and warnings to stderr unless somebody handles them:

    logging.basicConfig(level=logging.INFO)    # how far a stage is, every 30 s

Modules: `preparing` (faces), `sharding`, `training`, `judging` (what models are good for), `looking`; and
`tables` and `examples`, which read.
"""
