# SPDX-License-Identifier: Apache-2.0
#
# A Request Tracker of its own folder, the one this file is in.

use File::Basename ();
my $dir = File::Basename::dirname($ENV{RT_SITE_CONFIG});
$RT::VarPath         = "$dir/var";
$RT::MasonDataDir    = "$dir/mason";
$RT::MasonSessionDir = "$dir/session";

Set($rtname,       'example.test');
Set($Organization, 'example.test');
Set($WebDomain,    '127.0.0.1');
Set($WebPort,      $ENV{RT_PORT});
Set($WebPath,      '');
Set($Timezone,     'UTC');
Set($DatabaseType, 'SQLite');
Set($DatabaseName, "$dir/rt.db");
Set($LogToSyslog,  undef);
Set($LogToSTDERR,  'error');
# It sends no mail.
Set($MailCommand, sub { return 1 });
# Every request checks a token anew: 10 is the least, and a quarter as slow.
Set($BcryptCost, 10);
1;
