-- Run by the private database at each start.
CREATE DATABASE IF NOT EXISTS earshot CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE USER IF NOT EXISTS earshot@localhost;
GRANT ALL ON earshot.* TO earshot@localhost;
