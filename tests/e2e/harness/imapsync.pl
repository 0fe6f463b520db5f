#!/usr/bin/perl
# imapsync.pl PORT FROM PASSWORD TO PASSWORD: copies an account into another one with the library
# that imapsync is made of, Mail::IMAPClient, by the calls that imapsync makes. A second run finds
# by Message-Id and Received what is there, and brings only flags. Prints what it did.
use strict;
use warnings;
use Mail::IMAPClient;

my ($port, @login) = @ARGV;

sub opened {
	my ($user, $password) = @_;
	my $imap = Mail::IMAPClient->new(
		Server => '127.0.0.1', Port => $port, Ssl => [ SSL_verify_mode => 0 ],
		Uid => 1, Peek => 1, Clear => 1, Fast_io => 1, Maxcommandlength => 1000, Timeout => 20,
		Keepalive => 1, Buffer => 4096, Debug => $ENV{DEBUG}) or die "connect: $@";
	$imap->tag_and_run('ID ("name" "imapsync" "version" "2.290")') or die $imap->LastError;
	$imap->User($user);
	$imap->Password($password);
	$imap->login or die $imap->LastError;
	$imap->has_capability('UIDPLUS') or die 'no UIDPLUS';
	$imap->namespace and $imap->separator eq '/' or die $imap->LastError;
	$imap->quota_usage;
	return $imap;
}

# Message-Id and Received make the key of a message.
sub headers {
	my ($imap) = @_;
	my @uids = $imap->messages or return {};
	my $heads = $imap->parse_headers(\@uids, 'Message-Id', 'Received') or die $imap->LastError;
	my $items = $imap->fetch_hash(\@uids, 'FLAGS', 'INTERNALDATE', 'RFC822.SIZE')
		or die $imap->LastError;
	my %key;
	for my $uid (@uids) {
		my $head = $heads->{$uid};
		my $key = join '|', map { @{ $head->{$_} || [] } } sort keys %$head;
		$key{$key} = { uid => $uid, %{ $items->{$uid} } };
	}
	return \%key;
}

sub flags {
	my ($item) = @_;
	return join ' ', sort grep { !/^\\Recent$/i } split ' ', $item->{FLAGS};
}

sub copied {
	my ($from, $to, $folder, $item) = @_;
	my $text = $from->message_string($item->{uid}) // die $from->LastError;
	length $text == $item->{'RFC822.SIZE'} or die "size of $item->{uid} in $folder";
	$to->append_string($folder, $text, flags($item), $item->{INTERNALDATE}) or die $to->LastError;
	print "copied $folder/$item->{uid}\n";
}

sub synced {
	my ($from, $to, $folder) = @_;
	$to->exists($folder) or $to->create($folder) or die $to->LastError;
	$to->subscribe($folder);
	$from->examine($folder) or die $from->LastError;
	$to->select($folder) or die $to->LastError;
	my ($here, $there) = (headers($from), headers($to));
	for my $key (sort { $here->{$a}{uid} <=> $here->{$b}{uid} } keys %$here) {
		my ($item, $known) = ($here->{$key}, $there->{$key});
		if (!$known) {
			copied($from, $to, $folder, $item);
		} elsif (flags($item) ne flags($known)) {
			$to->store($known->{uid}, 'FLAGS.SILENT (' . flags($item) . ')') or die $to->LastError;
			print "flags $folder/$item->{uid}\n";
		}
		$from->noop;
	}
	for my $key (grep { !$here->{$_} } keys %$there) { # --delete2
		$to->delete_message($there->{$key}{uid}) or die $to->LastError;
		print "deleted $folder/$there->{$key}{uid}\n";
	}
	$to->expunge or die $to->LastError;
}

my $from = opened(@login[ 0, 1 ]);
my $to = opened(@login[ 2, 3 ]);
my %subscribed = map { $_ => 1 } $from->subscribed;
for my $folder (sort $from->folders) {
	$from->message_count($folder);
	synced($from, $to, $folder);
}
$_->logout for $from, $to;
