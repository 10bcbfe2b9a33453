%% Has this Mnesia know, from its next start on, that another one is down which it did not see going. OTP 18.3 and later.
%% Down: its node name
mnesia_recover:log_mnesia_down(Down)
