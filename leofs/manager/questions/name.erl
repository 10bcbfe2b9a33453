%% Whether a node answers. OTP 18.3 and later.
node()
