# Run once per machine, and for each Redmine on Postgres, inside Redmine: makes
# the tables, then what the tests need beside Redmine's default data.
require File.join(Dir.pwd, 'config/environment')
unless ARGV.first == 'seed'
  ENV['VERBOSE'] = 'false'
  ActiveRecord::Tasks::DatabaseTasks.migrate
  # A process that has migrated keeps what it knew of half-made tables: on
  # Postgres it would save people without a type. So the data comes from a new one.
  exec(RbConfig.ruby, __FILE__, 'seed')
end

include Redmine::I18n
set_language_if_valid('en')
Redmine::DefaultData::Loader.load('en')

ActiveRecord::Base.transaction do
  Setting.rest_api_enabled = '1'
  Setting.default_language = 'en'
  Setting.host_name = '127.0.0.1'

  users = {}
  %w[admin manager developer reporter outsider].each_with_index do |login, i|
    u = User.find_by_login(login) || User.new(firstname: login.capitalize, lastname: 'Test', mail: "#{login}@example.net", language: 'en')
    u.login = login
    u.must_change_passwd = false
    u.mail_notification = 'none'
    u.password = u.password_confirmation = "#{login}-pass"
    u.save!
    Token.where(user_id: u.id, action: 'api').delete_all
    Token.create!(user: u, action: 'api').update_column(:value, '0123456789abcdef0123456789abcdef0123456' + i.to_s)
    users[login] = u
  end

  project = Project.create!(name: 'Support', identifier: 'support', is_public: false, enabled_module_names: Setting.default_projects_modules)
  project.trackers = Tracker.sorted.to_a
  %w[manager developer reporter].each { |l| Member.create!(user: users[l], project: project, roles: [Role.find_by!(name: l.capitalize)]) }

  field = lambda do |name, format, more = {}|
    IssueCustomField.create!({ name: name, field_format: format, is_for_all: true, is_filter: true, searchable: true, trackers: Tracker.all.to_a }.merge(more))
  end
  field.('External ticket id', 'string', max_length: 64)
  field.('No filter', 'string', is_filter: false)
  field.('Product', 'list', multiple: true, possible_values: %w[Red Green Blue])
  field.('Resolution', 'text')
  field.('Reported by', 'string')
  field.('Customer', 'string')
  field.('Seriousness', 'list', possible_values: (1..4).map { |n| "Value #{n}" })

  raise 'people without a type' if Principal.where(type: [nil, '']).exists?
end

# Until the last connection is closed, Rails 7 keeps what is new beside SQLite's file.
ActiveRecord::Base.connection_handler.clear_all_connections!
