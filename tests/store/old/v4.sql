BEGIN TRANSACTION;
CREATE TABLE claims (
	record INTEGER NOT NULL, 
	claim BLOB NOT NULL, 
	attribute TEXT NOT NULL, 
	raw TEXT NOT NULL, 
	place INTEGER NOT NULL, 
	first_seen BIGINT, 
	last_seen BIGINT, 
	is_verified SMALLINT NOT NULL, 
	visibility SMALLINT, 
	purposes INTEGER, 
	basis TEXT, 
	consent TEXT, 
	keep_until BIGINT, 
	PRIMARY KEY (record, claim), 
	FOREIGN KEY(record) REFERENCES records (record)
)
 WITHOUT ROWID

;
INSERT INTO "claims" VALUES(1,X'DB7036AEBF12268CFA1100E5DAB2489B','mail','ada@example.com',0,1772600767000089,1772600767000089,0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "claims" VALUES(2,X'2989AA718091FD1066535C396A2FAA2F','bio','Ada of the machines',0,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE decisions (
	seq INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	reason TEXT NOT NULL, 
	evidence TEXT NOT NULL, 
	plan_version TEXT NOT NULL, 
	field TEXT NOT NULL, 
	value TEXT NOT NULL, 
	retracts TEXT NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (id)
);
INSERT INTO "decisions" VALUES(1,'6dbe0a5a556e1da7afcedc6b82ccfbf7','same','ana',1772600767000089,'phoned','','','','','');
CREATE TABLE documents (
	kind TEXT NOT NULL, 
	version TEXT NOT NULL, 
	position BIGINT NOT NULL, 
	text TEXT NOT NULL, 
	blob BLOB, 
	PRIMARY KEY (kind, version)
);
CREATE TABLE events (
	position BIGINT NOT NULL, 
	place INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	old_id TEXT NOT NULL, 
	new_id TEXT NOT NULL, 
	PRIMARY KEY (position, place)
);
CREATE TABLE golden (
	entity_id TEXT NOT NULL, 
	position BIGINT NOT NULL, 
	policy_version TEXT NOT NULL, 
	fields TEXT NOT NULL, 
	PRIMARY KEY (entity_id)
);
CREATE TABLE identifiers (
	record INTEGER NOT NULL, 
	digest BLOB NOT NULL, 
	is_strong SMALLINT NOT NULL, 
	PRIMARY KEY (record, digest), 
	FOREIGN KEY(record) REFERENCES records (record)
)
 WITHOUT ROWID

;
INSERT INTO "identifiers" VALUES(1,X'040E7CF239EA973C7C3CB4C026858089',1);
CREATE TABLE layouts (
	layout INTEGER NOT NULL, 
	columns TEXT NOT NULL, 
	PRIMARY KEY (layout), 
	UNIQUE (columns)
);
INSERT INTO "layouts" VALUES(1,'["mail"]');
INSERT INTO "layouts" VALUES(2,'["bio"]');
CREATE TABLE links (
	"left" INTEGER NOT NULL, 
	"right" INTEGER NOT NULL, 
	plan_version TEXT NOT NULL, 
	weight FLOAT NOT NULL, 
	probability FLOAT NOT NULL, 
	verdict TEXT NOT NULL, 
	assurance TEXT, 
	evidence TEXT, 
	PRIMARY KEY ("left", "right", plan_version), 
	FOREIGN KEY("left") REFERENCES records (record), 
	FOREIGN KEY("right") REFERENCES records (record)
)
 WITHOUT ROWID

;
CREATE TABLE log (
	position INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	actor TEXT NOT NULL, 
	action TEXT NOT NULL, 
	counts TEXT NOT NULL, 
	PRIMARY KEY (position)
);
INSERT INTO "log" VALUES(1,1772600767000089,'ana','write','{"claims": 2, "identifiers": 1, "observations": 2, "records": 2}');
INSERT INTO "log" VALUES(2,1772600767000089,'ana','same','{"decisions": 1}');
CREATE TABLE members (
	record INTEGER NOT NULL, 
	since BIGINT NOT NULL, 
	entity_id TEXT NOT NULL, 
	until BIGINT, 
	PRIMARY KEY (record, since), 
	FOREIGN KEY(record) REFERENCES records (record)
)
 WITHOUT ROWID

;
CREATE TABLE meta (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "meta" VALUES('version','4');
INSERT INTO "meta" VALUES('key_check','55f73511a7b3f09aa74e7699f789436c');
CREATE TABLE observations (
	record INTEGER NOT NULL, 
	observed_at BIGINT NOT NULL, 
	layout INTEGER NOT NULL, 
	PRIMARY KEY (record, observed_at, layout), 
	FOREIGN KEY(record) REFERENCES records (record), 
	FOREIGN KEY(layout) REFERENCES layouts (layout)
)
 WITHOUT ROWID

;
INSERT INTO "observations" VALUES(1,1772600767000089,1);
INSERT INTO "observations" VALUES(2,-9223372036854775808,2);
CREATE TABLE records (
	record INTEGER NOT NULL, 
	source TEXT NOT NULL, 
	record_id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	channel TEXT, 
	scope TEXT, 
	account_id TEXT, 
	created_at BIGINT, 
	is_person SMALLINT, 
	PRIMARY KEY (record), 
	UNIQUE (source, record_id)
);
INSERT INTO "records" VALUES(1,'crm','c1','customer',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "records" VALUES(2,'mastodon','m1','profile','mastodon',NULL,NULL,NULL,NULL);
CREATE TABLE retired (
	entity_id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	position BIGINT NOT NULL, 
	PRIMARY KEY (entity_id)
);
CREATE TABLE scores (
	record INTEGER NOT NULL, 
	model TEXT NOT NULL, 
	entries BLOB NOT NULL, 
	PRIMARY KEY (record), 
	FOREIGN KEY(record) REFERENCES records (record)
);
INSERT INTO "scores" VALUES(2,'0123456789ab',X'00');
CREATE TABLE targets (
	seq INTEGER NOT NULL, 
	place INTEGER NOT NULL, 
	source TEXT NOT NULL, 
	record_id TEXT NOT NULL, 
	claim BLOB, 
	PRIMARY KEY (seq, place), 
	FOREIGN KEY(seq) REFERENCES decisions (seq)
);
INSERT INTO "targets" VALUES(1,0,'crm','c1',NULL);
INSERT INTO "targets" VALUES(1,1,'mastodon','m1',NULL);
CREATE TABLE tombstones (
	digest BLOB NOT NULL, 
	erasure INTEGER NOT NULL, 
	is_strong SMALLINT NOT NULL, 
	holders TEXT NOT NULL, 
	PRIMARY KEY (digest, erasure)
);
CREATE INDEX events_by_old ON events (old_id);
CREATE INDEX identifiers_by_digest ON identifiers (digest);
CREATE INDEX targets_by_record ON targets (source, record_id);
CREATE INDEX links_by_right ON links ("right");
CREATE INDEX members_by_entity ON members (entity_id);
COMMIT;
