# Does nothing: that it ends shows that the host answers.
:
