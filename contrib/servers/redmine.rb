# SPDX-License-Identifier: Apache-2.0
#
# A Redmine's settings as gatepost's sink template wants them; run once, by
# `rails runner`. Writes what it made to ./setup.env, the key to ./secret.

Redmine::DefaultData::Loader.load('en')
Setting.rest_api_enabled = '1'
Setting.login_required = '1'
Setting.default_language = 'en'
Setting.text_formatting = 'textile'

tracker = Tracker.find_by!(name: 'Support')
project = Project.create!(name: 'Changes', identifier: 'changes',
                          is_public: false, trackers: [tracker],
                          enabled_module_names: %w[issue_tracking])
# The courier sees nothing of this one.
Project.create!(name: 'Closed shop', identifier: 'closed', is_public: false,
                trackers: [tracker], enabled_module_names: %w[issue_tracking])

def field(tracker, name, format, more)
  IssueCustomField.create!({ name: name, field_format: format,
                             is_for_all: true, trackers: [tracker] }.merge(more))
end
change_key = field(tracker, 'Change key', 'string',
                   is_filter: true, searchable: true, max_length: 255)
# What a change ticket says, for `check = ticket`.
field(tracker, 'Approval', 'list',
      possible_values: %w[requested approved refused])
field(tracker, 'Backout plan', 'text', {})
field(tracker, 'Repository', 'string', {})
role = Role.create!(name: 'Courier', issues_visibility: 'all',
                    permissions: %i[view_issues add_issues add_issue_notes])

def person(login, words)
  User.new({ firstname: login, lastname: 'of gatepost', language: 'en',
             mail: "#{login}@example.test",
             mail_notification: 'none' }.merge(words)).tap do |user|
    user.login = login
    user.password = user.password_confirmation = 'password of ' + login
    user.save!
  end
end
courier = person('courier', {})
# Who looks at the pages.
person('looker', admin: true)
Member.create!(project: project, principal: courier, roles: [role])

File.write('secret', courier.api_key + "\n", perm: 0o600)
File.write('setup.env', <<~ENV)
  PROJECT=#{project.identifier}
  TRACKER=#{tracker.id}
  FIELD=#{change_key.id}
  LOOKER=looker
  LOOKER_PASSWORD='password of looker'
ENV
