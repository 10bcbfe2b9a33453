# Seconds since the epoch, with a fraction where this host's `date` has one.
date +%s.%N | sed 's/[^0-9.].*//'
