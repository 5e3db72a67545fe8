"""What `--help` says before and after the options."""

ABOUT = """\
Train a character model on a text of your own, let it write, measure it.

    rnnkit train my.txt --minutes 2 --out model/
    rnnkit sample model/ --prefix "ROMEO:" --temperature 0.8
    rnnkit eval model/ other.txt"""
TRAIN_HELP = """\
Train a character-level language model on a text of your own.

The first nine tenths of the text train the model; the last tenth is held out
and says how well it does. Training follows the wall clock (--minutes) or counts
(--steps). Ctrl-C stops it in good order and --resume goes on later."""
TRAIN_EXAMPLE = """\
examples:
  rnnkit train my.txt --minutes 2 --out model/
  rnnkit train my.txt --out model/ --resume --minutes 10
  torchrun --standalone --nproc-per-node 2 -m rnnkit train my.txt --out model/

files in the --out folder:
  model.safetensors     the weights with the smallest validation loss, the vocabulary
  model.json            settings, versions and results, to be read by people
  loss.svg              training and validation loss against time
  training.safetensors  what --resume needs"""
SAMPLE_HELP = """\
Let a trained model write: it draws a character, reads it, draws the next.

The text appears on the standard output while it is made."""
SAMPLE_EXAMPLE = """\
examples:
  rnnkit sample model/ --prefix "ROMEO:" --temperature 0.8
  rnnkit sample model/ --length 200 --top-p 0.9 --seed 3 --count 5
  rnnkit sample model/ --prefix "The " --beam 8 --length 60"""
EVAL_HELP = """\
Measure how well a trained model predicts a text.

The model reads the text once, as one stream. The first line reports the mean loss
per character, in nats and in bits; a table sets it beside two predictors that read
nothing: one that knows how often each character of the text comes (unigram), and
one that takes all characters of the vocabulary for equally probable (uniform)."""
EVAL_EXAMPLE = """\
example:
  rnnkit eval model/ other.txt"""
