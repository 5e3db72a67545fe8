"""The picture world: small scenes of drawings whose content is known, so that captions and answers can be checked.

`drawings` has what may be seen, `layouts` where it stands, `clips` how it moves; `captions` is what may be said of
a scene, `questions` what may be asked, `balance` how often; `scoring` and `pointing` judge a model's words and looks.
"""
