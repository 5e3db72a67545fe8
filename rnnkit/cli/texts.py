"""What `--help` says before and after the options."""

ABOUT = """\
Train a character model on a text of your own, let it write, measure it; or
write an exam for a class.

    rnnkit train my.txt --minutes 2 --out model/
    rnnkit sample model/ --prefix "ROMEO:" --temperature 0.8
    rnnkit eval model/ other.txt
    rnnkit exam --seed 2027 --chapters 1-4"""
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

EXAM_HELP = """\
Write an exam in versions A and B, with model answers and a marking scheme for each.

Both versions ask the same questions with other numbers. All numbers follow from the
seed, and the answers are computed with the functions that the chapters teach."""
EXAM_EXAMPLE = """\
examples:
  rnnkit exam --seed 2027 --chapters 1-4 --points 60 --out exam/
  rnnkit exam --seed 2027 --question 03-shares --question 06-snippet --format md
  rnnkit exam --list

files in the --out folder:
  exam-A.html, exam-B.html        to print and hand out
  marking-A.html, marking-B.html  model answers and points"""
