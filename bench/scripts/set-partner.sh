# Names the partner in a manager's conf.
conf=$1 partner=$2
sed -i "s/^manager\.partner *=.*/manager.partner = $partner/" "$conf"
