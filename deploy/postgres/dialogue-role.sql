-- A role for the dialogue servers, which sees their own tables and nothing of the apps'. As the
-- database's owner, once, and again after a restore (it changes nothing that is right already):
--   psql --set=password=… --file=dialogue-role.sql navi
-- The dialogue servers' NAVI_DATABASE_URL then names navi_dialogue.
\set ON_ERROR_STOP on
SELECT 'CREATE ROLE navi_dialogue LOGIN'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'navi_dialogue') \gexec
ALTER ROLE navi_dialogue PASSWORD :'password';
GRANT USAGE, CREATE ON SCHEMA public TO navi_dialogue;
-- The owner may do what the role may: backups read its tables.
GRANT navi_dialogue TO CURRENT_USER;
-- Where dialogue servers ran as the owner before, or a backup was restored.
ALTER TABLE IF EXISTS dialogue_memory OWNER TO navi_dialogue;
ALTER TABLE IF EXISTS dialogue_turn OWNER TO navi_dialogue;
ALTER TABLE IF EXISTS events OWNER TO navi_dialogue;
