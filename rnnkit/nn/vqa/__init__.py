"""Questions about pictures: `answerer` is what all models share, `fusion`, `attention` and `clip` differ in the eye.

`question_set` is what they are trained on, `asking` asks them and counts right answers, `files` keeps them.
"""
