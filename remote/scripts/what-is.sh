# Prints `link`, `something` or `nothing`.
path=$1
if [ -L "$path" ]; then echo link
elif [ -e "$path" ]; then echo something
else echo nothing; fi
