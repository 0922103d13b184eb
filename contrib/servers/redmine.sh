# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
#
# Redmine, with SQLite and WEBrick. Sourced by contrib/servers.sh.

packages='redmine=/usr/share/redmine/config.ru
	redmine-sqlite=/usr/share/doc/redmine-sqlite/copyright
	ruby-webrick=/usr/share/doc/ruby-webrick/copyright
	curl=curl python3=python3 util-linux=setpriv'
selections='redmine redmine/instances/default/dbconfig-install boolean false
'
version_packages='redmine ruby-rails ruby'

in_redmine() {
	"${unprivileged[@]}" env -C "$PWD/app" HOME="$PWD/home" RAILS_ENV=production \
		REDMINE_LANG=en SCHEMA=/dev/null BUNDLE_SILENCE_ROOT_WARNING=1 "$@"
}

# A tree of its own: Redmine keeps its configuration, its log and its files
# below that of its program.
prepare() {
	local own_files=app/instances/default
	mkdir home
	cp -r /usr/share/redmine app
	rm -rf app/Gemfile.lock app/instances app/config/database.yml
	mkdir -p $own_files/{config,files,log,tmp,public/plugin_assets}
	cat >$own_files/config/database.yml <<-'YML'
		production:
		  adapter: sqlite3
		  database: instances/default/redmine.db
		  timeout: 20000
	YML
	cp $own_files/config/database.yml app/config
	od -An -tx1 -N 32 /dev/urandom | tr -d ' \n' >$own_files/config/secret_key.txt
	# shellcheck disable=SC2016 # for Ruby
	sed -i 's|/usr/share/redmine/{config|#{__dir__}/{config|' app/Gemfile
	echo "gem 'webrick'" >app/Gemfile.local
	cp "$top/contrib/servers/redmine.rb" setup.rb
	own .
	in_redmine bundle install --local --quiet
	in_redmine bundle exec rake db:migrate
	in_redmine bundle exec rails runner ../setup.rb
	mv app/setup.env app/secret .
}

serve() {
	start_daemon log env -C "$PWD/app" HOME="$PWD/home" RAILS_ENV=production \
		BUNDLE_SILENCE_ROOT_WARNING=1 bundle exec rails server -u webrick \
		-b 127.0.0.1 -p "$ports" -P "$PWD/rails.pid"
}

# The first request loads the most.
ready() {
	rm -f rails.pid
	curl -sf -m 20 -o answer -H "X-Redmine-API-Key: $(cat secret)" \
		"http://127.0.0.1:$ports/issues.json?limit=1"
}

describe() {
	echo "URL=http://127.0.0.1:$ports"
	echo "SECRET_FILE=$PWD/key"
	cat setup.env
}
