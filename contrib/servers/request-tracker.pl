# SPDX-License-Identifier: Apache-2.0
#
# A Request Tracker's queue, fields, user and rights as gatepost's sink
# template wants them, for `rt-setup-database --action insert`. Writes the
# user's token to the file secret beside the configuration.

use File::Basename ();

# The courier sees nothing of the second queue.
@Queues = ({ Name => 'Changes', Description => 'What was pushed' },
           { Name => 'Closed shop', Description => 'For others' });
sub field {
    my ($name, $type, %more) = @_;
    return { Name => $name, Type => $type, Queue => ['Changes'],
             LookupType => 'RT::Queue-RT::Ticket', %more };
}
@CustomFields = (
    field('ChangeKey', 'FreeformSingle', UniqueValues => 1),
    # What a change ticket says, for `check = ticket`.
    field('Approval', 'SelectSingle',
          Values => [map { { Name => $_ } } qw(requested approved refused)]),
    field('Backout plan', 'TextSingle'),
    field('Repository', 'FreeformMultiple'),
);
@Users = ({
    Name         => 'courier',
    RealName     => 'courier of gatepost',
    EmailAddress => 'courier@example.test',
    Privileged   => 1,
});
@ACL = map { { UserId => 'courier', Queue => 'Changes', Right => $_ } } qw(
    SeeQueue ShowTicket CreateTicket CommentOnTicket SeeCustomField
    ShowTicketComments SetInitialCustomField );
@Final = (sub {
    require RT::AuthToken;
    my $user = RT::User->new(RT->SystemUser);
    $user->Load('courier');
    my ($ok, $message, $secret) = RT::AuthToken->new(RT->SystemUser)->Create(
        Owner => $user->Id, Description => 'gatepost');
    die $message unless $ok;
    my $file = File::Basename::dirname($ENV{RT_SITE_CONFIG}) . '/secret';
    open(my $out, '>', $file) or die "$file: $!";
    print $out "$secret\n";
    close($out) or die "$file: $!";
});
1;
